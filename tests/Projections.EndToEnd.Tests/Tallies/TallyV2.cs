using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;

namespace Projections.EndToEnd.Tallies;

/// <summary>As v1, with one more column behind the others.</summary>
internal sealed class TallyV2(EventTypes? types = null) : TableProjection<Guid, TallyV2.Row>("tally", 2, types ?? TallyEvents.Types)
{
    public Action<int> Folding { get; set; } = _ => { };

    public PoisonPolicy Policy { get; set; } = PoisonPolicy.Stop;

    public override PoisonPolicy OnPoison => Policy;

    public VersionFiles Folder { get; set; } = new(
        "projections/Tally/V2",
        "create table tally_v2 (id uuid primary key, total bigint not null, events integer not null, biggest integer not null)",
        "create index tally_v2_biggest on tally_v2 (biggest)",
        "drop table tally_v2",
        "2222222222222222222222222222222222222222222222222222222222222222");

    public override VersionFiles Files => Folder;

    protected override void Define(FoldDefinition<Guid, Row> on) =>
        on.Event<Added>().ByStream().Upserts((row, e) =>
        {
            Folding(e.Data.Amount);
            row.Total += e.Data.Amount;
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
