using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Tables;

namespace Projections.EndToEnd.LateEvents;

/// <summary>A tally that has to be opened before anything is added to it.</summary>
internal sealed class StrictTally() : TableProjection<Guid, StrictTally.Row>("strict_tally", 1, Types)
{
    public const string Opened = "opened";

    private static readonly EventTypes Types = Events.EventTypes.Create(types => types.Map<Added>(TallyEvents.Added).Map<Begun>(Opened));

    public override VersionFiles Files { get; } = new(
        "projections/StrictTally/V1",
        "create table strict_tally_v1 (id uuid primary key, total bigint not null)",
        null,
        "drop table strict_tally_v1",
        "5555555555555555555555555555555555555555555555555555555555555555");

    public StreamsWithoutBeginning Choice { get; init; }

    public override StreamsWithoutBeginning WithoutBeginning => Choice;

    protected override void Define(FoldDefinition<Guid, Row> on)
    {
        on.Event<Begun>().ByStream().Creates((row, e) => row.Total = e.Data.Amount);
        on.Event<Added>().ByStream().Updates((row, e) => row.Total += e.Data.Amount, WhenMissing.Fail);
    }

    public sealed class Row
    {
        [Key]
        public Guid Id { get; set; }

        public long Total { get; set; }
    }

    internal sealed record Begun(int Amount);
}
