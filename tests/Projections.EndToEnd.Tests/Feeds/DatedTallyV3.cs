using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Tables;

namespace Projections.EndToEnd.Feeds;

/// <summary>A v3 with one more column than v1, and with another type of number: switched to it, all rows follow; switched back, all rows differ, and a column is lost.</summary>
internal sealed class DatedTallyV3() : TableProjection<Guid, DatedTallyV3.Row>("tally", 3, TallyEvents.Types)
{
    public override VersionFiles Files { get; } = new(
        "projections/Tally/V3",
        "create table tally_v3 (id uuid primary key, total numeric(14,2) not null, events integer not null, last_at timestamptz not null)",
        null,
        "drop table tally_v3",
        "7777777777777777777777777777777777777777777777777777777777777777");

    protected override void Define(FoldDefinition<Guid, Row> on) =>
        on.Event<Added>().ByStream().Upserts((row, e) =>
        {
            row.Total += e.Data.Amount;
            row.Events++;
            row.LastAt = e.Time;
        });

    public sealed class Row
    {
        [Key]
        public Guid Id { get; set; }

        [Column(TypeName = "numeric(14,2)")]
        public decimal Total { get; set; }

        public int Events { get; set; }

        public DateTime LastAt { get; set; }
    }
}
