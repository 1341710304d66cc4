using Microsoft.Extensions.Logging.Abstractions;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Tests.Catalog;

/// <summary>What the beat of the leases tells of work that is not committed yet.</summary>
public sealed class LeaseProgressTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(30);

    [PostgresFact]
    public async Task Events_that_were_committed_while_the_beat_was_on_its_way_are_not_counted_twice()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var catalog = new ProjectionCatalog(database.DataSource);
        await catalog.InstallAsync(CancellationToken.None);
        await database.ExecuteAsync(
            """
            insert into projections.projection (name, source) values ('tally', 'test');
            insert into projections.version (projection, number, phase, role) values ('tally', 1, 'planned', 'candidate')
            """);
        var time = new SteppedTime();
        await using var keeper = new LeaseKeeper(database.DataSource, "worker", LeaseDuration, time, NullLogger.Instance);
        await using var lease = (await keeper.TryTakeAsync(await VersionAsync(catalog), CancellationToken.None))!;

        lease.Progress = new LeaseProgress(null, 45, new EventPosition(45));
        (await BeatAsync(catalog, time, version => version.EventsInProgress == 45)).FoldedThrough.ShouldBe(new EventPosition(45));

        // Committed, and the beats that come say what it was before.
        await using (var connection = await database.DataSource.OpenConnectionAsync())
        {
            await Checkpoints.AdvanceAsync(connection, lease, expected: null, new EventPosition(45), 45, last: null, CancellationToken.None);
        }

        lease.EventsPerSecond = 1;
        var committed = await BeatAsync(catalog, time, version => version.EventsPerSecond == 1);
        (committed.EventsDone, committed.EventsInProgress, committed.FoldedThrough).ShouldBe((45, 0, null));

        lease.Progress = new LeaseProgress(new EventPosition(45), 7, new EventPosition(52));
        (await BeatAsync(catalog, time, version => version.EventsInProgress == 7)).FoldedThrough.ShouldBe(new EventPosition(52));
    }

    /// <summary>Lets the keeper beat until the catalog says what is waited for.</summary>
    private static Task<VersionSnapshot> BeatAsync(ProjectionCatalog catalog, SteppedTime time, Func<VersionSnapshot, bool> isIt) =>
        Deadline.UntilAsync(
            () =>
            {
                time.Fire();
                return VersionAsync(catalog);
            },
            isIt,
            "be told by a beat");

    private static async Task<VersionSnapshot> VersionAsync(ProjectionCatalog catalog) =>
        (await catalog.ReadAsync(new ProjectionName("tally"), CancellationToken.None))!.Find(1)!;
}
