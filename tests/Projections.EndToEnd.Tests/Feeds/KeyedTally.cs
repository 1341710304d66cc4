using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Tables;

namespace Projections.EndToEnd.Feeds;

/// <summary>A key of every type that may be one. Its second version counts an amount of more than ten twice.</summary>
internal sealed class KeyedTally(int version) : TableProjection<KeyedTally.Key, KeyedTally.Row>("keyed_tally", version, TallyEvents.Types)
{
    public enum Kind
    {
        Even,
        Odd,
    }

    public override VersionFiles Files { get; } = new(
        $"projections/KeyedTally/V{version}",
        $"""
        create table keyed_tally_v{version} (
            stream uuid, amount integer, small smallint, large bigint, text text, is_odd boolean, day date, at timestamptz, kind text, total bigint not null,
            primary key (stream, amount, small, large, text, is_odd, day, at, kind))
        """,
        null,
        $"drop table keyed_tally_v{version}",
        "8888888888888888888888888888888888888888888888888888888888888888");

    protected override void Define(FoldDefinition<Key, Row> on) =>
        on.Event<Added>().By(e => KeyOf(e.Stream.Guid, e.Data.Amount)).Upserts((row, e) => row.Total += Id.Number == 2 && e.Data.Amount > 10 ? 2 : 1);

    private static Key KeyOf(Guid stream, int amount) => new(
        stream,
        amount,
        (short)-amount,
        amount * 10_000_000_000L,
        string.Create(CultureInfo.InvariantCulture, $"it's \"{amount}\" \\ é\t{{}}"),
        amount % 2 == 1,
        amount == 0 ? DateOnly.MaxValue : new DateOnly(2026, 1, 1).AddDays(amount),
        amount == 0 ? DateTime.MinValue : new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddTicks(amount * 10L),
        amount % 2 == 1 ? Kind.Odd : Kind.Even);

    public readonly record struct Key(Guid Stream, int Amount, short Small, long Large, string Text, bool IsOdd, DateOnly Day, DateTime At, Kind Kind);

    public sealed class Row
    {
        [Key]
        public Guid Stream { get; set; }

        [Key]
        public int Amount { get; set; }

        [Key]
        public short Small { get; set; }

        [Key]
        public long Large { get; set; }

        [Key]
        public string Text { get; set; } = "";

        [Key]
        public bool IsOdd { get; set; }

        [Key]
        public DateOnly Day { get; set; }

        [Key]
        public DateTime At { get; set; }

        [Key]
        public Kind Kind { get; set; }

        public long Total { get; set; }
    }
}
