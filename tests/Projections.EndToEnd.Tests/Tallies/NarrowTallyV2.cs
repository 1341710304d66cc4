using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.Tables;

namespace Projections.EndToEnd.Tallies;

/// <summary>A v2 whose idea of an amount is too small for some, so that it cannot even decode those, and sets them aside.</summary>
internal sealed class NarrowTallyV2() : TableProjection<Guid, NarrowTallyV2.Row>("tally", 2, Types)
{
    private static readonly Events.EventTypes Types = Events.EventTypes.Create(types => types.Map<SmallAmount>(TallyEvents.Added));

    public override PoisonPolicy OnPoison => PoisonPolicy.SetAside;

    public override VersionFiles Files { get; } = new(
        "projections/Tally/V2",
        "create table tally_v2 (id uuid primary key, total bigint not null, events integer not null)",
        null,
        "drop table tally_v2",
        "4444444444444444444444444444444444444444444444444444444444444444");

    protected override void Define(FoldDefinition<Guid, Row> on) =>
        on.Event<SmallAmount>().ByStream().Upserts((row, e) =>
        {
            row.Total += e.Data.Amount;
            row.Events++;
        });

    public sealed class Row
    {
        [Key]
        public Guid Id { get; set; }

        public long Total { get; set; }

        public int Events { get; set; }
    }

    private sealed record SmallAmount(sbyte Amount);
}
