using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Tables;

namespace Projections.EndToEnd.Seeds;

/// <summary>An event that v1 does not handle.</summary>
internal sealed record Marked(int Amount);

/// <summary>As v1, with a column that is made of events which v1 does not handle.</summary>
/// <param name="marking">What such an event does to a row.</param>
/// <param name="whenMissing">What it does where there is none.</param>
internal sealed class MarkedTallyV2(Action<MarkedTallyV2.Row, int> marking, WhenMissing whenMissing = WhenMissing.Skip)
    : TableProjection<Guid, MarkedTallyV2.Row>("tally", 2, Types)
{
    public const string Mark = "marked";

    private static readonly EventTypes Types = EventTypes.Create(types => types.Map<Added>(TallyEvents.Added).Map<Marked>(Mark));

    public override VersionFiles Files { get; } = new(
        "projections/Tally/V2",
        "create table tally_v2 (id uuid primary key, total bigint not null, events integer not null, mark bigint not null)",
        null,
        "drop table tally_v2",
        "2222222222222222222222222222222222222222222222222222222222222222")
    {
        SeedSql = "insert into tally_v2 select id, total, events, 0 from tally_v1",
    };

    protected override void Define(FoldDefinition<Guid, Row> on)
    {
        on.Event<Added>().ByStream().Upserts((row, e) => (row.Total, row.Events) = (row.Total + e.Data.Amount, row.Events + 1));
        on.Event<Marked>().ByStream().Updates((row, e) => marking(row, e.Data.Amount), whenMissing);
    }

    public sealed class Row
    {
        [Key]
        public Guid Id { get; set; }

        public long Total { get; set; }

        public int Events { get; set; }

        public long Mark { get; set; }
    }
}
