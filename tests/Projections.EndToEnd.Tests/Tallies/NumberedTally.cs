using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;

namespace Projections.EndToEnd.Tallies;

/// <summary>One of many projections of the same shape: <c>tally_1</c>, <c>tally_2</c>, ….</summary>
internal sealed class NumberedTally(int number, EventTypes? types = null) : TableProjection<Guid, NumberedTally.Row>(NameOf(number), 1, types ?? TallyEvents.Types)
{
    public override VersionFiles Files { get; } = new(
        $"projections/{NameOf(number)}/V1",
        $"create table {NameOf(number)}_v1 (id uuid primary key, total bigint not null)",
        null,
        $"drop table {NameOf(number)}_v1",
        "4444444444444444444444444444444444444444444444444444444444444444");

    public static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"tally_{number}");

    protected override void Define(FoldDefinition<Guid, Row> on) =>
        on.Event<Added>().ByStream().Upserts((row, e) => row.Total += e.Data.Amount);

    public sealed class Row
    {
        [Key]
        public Guid Id { get; set; }

        public long Total { get; set; }
    }
}
