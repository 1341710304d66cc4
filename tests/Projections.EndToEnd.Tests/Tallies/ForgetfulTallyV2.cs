using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.Tables;

namespace Projections.EndToEnd.Tallies;

/// <summary>A v2 with a fault: when three is added, it forgets what was there.</summary>
internal sealed class ForgetfulTallyV2() : TableProjection<Guid, ForgetfulTallyV2.Row>("tally", 2, TallyEvents.Types)
{
    public override VersionFiles Files { get; } = new(
        "projections/Tally/V2",
        "create table tally_v2 (id uuid primary key, total bigint not null, events integer not null, biggest integer not null)",
        "create index tally_v2_biggest on tally_v2 (biggest)",
        "drop table tally_v2",
        "3333333333333333333333333333333333333333333333333333333333333333");

    protected override void Define(FoldDefinition<Guid, Row> on) =>
        on.Event<Added>().ByStream().Upserts((row, e) =>
        {
            row.Total = e.Data.Amount == 3 ? 3 : row.Total + e.Data.Amount;
            row.Events++;
            row.Biggest = Math.Max(row.Biggest, e.Data.Amount);
        });

    public sealed class Row
    {
        [Key]
        public Guid Id { get; set; }

        public long Total { get; set; }

        public int Events { get; set; }

        public int Biggest { get; set; }
    }
}
