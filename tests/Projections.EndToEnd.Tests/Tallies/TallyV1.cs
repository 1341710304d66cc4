using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;

namespace Projections.EndToEnd.Tallies;

/// <summary>One row a stream with what was added to it: the smallest projection whose rows show each event exactly once.</summary>
internal sealed class TallyV1(EventTypes? types) : TableProjection<Guid, TallyV1.Row>("tally", 1, types ?? TallyEvents.Types)
{
    public TallyV1()
        : this(null)
    {
    }

    /// <summary>Called with each amount before it is folded, so that a test can make the handler misbehave.</summary>
    public Action<int> Folding { get; set; } = _ => { };

    public PoisonPolicy Policy { get; set; } = PoisonPolicy.Stop;

    public override PoisonPolicy OnPoison => Policy;

    /// <summary>What the version's folder would hold; a test may change it as somebody might edit it.</summary>
    public VersionFiles Folder { get; set; } = new(
        "projections/Tally/V1",
        "create table tally_v1 (id uuid primary key, total bigint not null, events integer not null)",
        "create index tally_v1_total on tally_v1 (total)",
        "drop table tally_v1",
        "1111111111111111111111111111111111111111111111111111111111111111");

    public override VersionFiles Files => Folder;

    protected override void Define(FoldDefinition<Guid, Row> on) =>
        on.Event<Added>().ByStream().Upserts((row, e) =>
        {
            Folding(e.Data.Amount);
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
}
