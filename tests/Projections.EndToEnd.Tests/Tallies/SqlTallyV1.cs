using Projections.Definitions;
using Projections.SqlProjections;

namespace Projections.EndToEnd.Tallies;

/// <summary>A tally made of statements, of whose rows nobody knows which events touch them.</summary>
internal sealed class SqlTallyV1() : SqlProjection("tally", 1, TallyEvents.Types)
{
    public override VersionFiles Files { get; } = new(
        "projections/Tally/V1",
        "create table tally_v1 (id uuid primary key, total bigint not null)",
        null,
        "drop table tally_v1",
        "4444444444444444444444444444444444444444444444444444444444444444");

    protected override void Define(SqlDefinition on) =>
        on.Event<Added>().Executes(
            "insert into tally_v1 (id, total) values (@id, @amount) on conflict (id) do update set total = tally_v1.total + excluded.total",
            e => [("id", e.Stream.Guid), ("amount", e.Data.Amount)]);
}
