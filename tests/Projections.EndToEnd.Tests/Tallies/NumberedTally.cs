using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;

namespace Projections.EndToEnd.Tallies;

/// <summary>One of many projections of the same shape: <c>tally_1</c>, <c>tally_2</c>, …. A row says which version it is of.</summary>
internal sealed class NumberedTally(int number, EventTypes? types = null, int version = 1) : TableProjection<Guid, NumberedTally.Row>(NameOf(number), version, types ?? TallyEvents.Types)
{
    public override VersionFiles Files { get; } = new(
        $"projections/{NameOf(number)}/V{version}",
        $"create table {NameOf(number)}_v{version} (id uuid primary key, total bigint not null, version integer not null)",
        null,
        $"drop table {NameOf(number)}_v{version}",
        "4444444444444444444444444444444444444444444444444444444444444444");

    public static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"tally_{number}");

    protected override void Define(FoldDefinition<Guid, Row> on) =>
        on.Event<Added>().ByStream().Upserts((row, e) =>
        {
            row.Total += e.Data.Amount;
            row.Version = Id.Number;
        });

    public sealed class Row
    {
        [Key]
        public Guid Id { get; set; }

        public long Total { get; set; }

        public int Version { get; set; }
    }
}
