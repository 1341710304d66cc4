using Microsoft.Extensions.Logging.Abstractions;
using Projections.Catalog;
using Projections.Checks;
using Projections.Commands;
using Projections.Definitions;
using Projections.EndToEnd;
using Projections.EndToEnd.Tallies;
using Projections.PostgresEvents;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Scheduling.Tests;

/// <summary>A world in which a test makes the checks and holds the clock that they go by.</summary>
internal sealed class CheckWorld : IAsyncDisposable
{
    private readonly ManualTime _time = new();

    private CheckWorld(World world) => World = world;

    public World World { get; }

    public TestDatabase Database => World.Database;

    /// <summary>What the checks expect and do.</summary>
    public CatchUpOptions Options { get; } = new();

    public ProjectionSystem System { get; private set; } = null!;

    public TimeProvider Time => _time;

    public static async Task<CheckWorld> CreateAsync(PostgresFixture postgres, int events = 200)
    {
        var checks = new CheckWorld(await World.CreateAsync(postgres));
        await checks.World.SeedTalliesAsync(events);
        // What the database writes by its own clock is neither long ago nor to come.
        checks._time.Advance(DateTimeOffset.UtcNow - checks._time.GetUtcNow());
        checks.System = await checks.OpenAsync();
        return checks;
    }

    /// <summary>A further system on the same database and clock, as another process would have it.</summary>
    public async Task<ProjectionSystem> OpenAsync()
    {
        var source = await PostgresEventSource.OpenAsync(World.Sql, EventTableMapping.Marten("events") with { GraceTime = TimeSpan.Zero });
        return new ProjectionSystem(TallyWorld.Both, Database.ConnectionString, source, new ProjectionsOptions(), NullLoggerFactory.Instance, _time);
    }

    /// <summary>v1 is built and live, and no worker runs any more.</summary>
    public async Task BuildFirstAsync()
    {
        var system = await World.OpenAsync(TallyWorld.Both);
        var worker = World.Start(system);
        await World.BuildAndSwitchAsync(system, "tally", 1);
        await World.StopAsync(worker);
    }

    /// <summary>A worker holds it, as far as the catalog knows, for as long as a test lets time go by.</summary>
    public Task HoldAsync() => Database.ExecuteAsync("update projections.version set lease_holder = 'a worker', lease_until = now() + interval '1 year'");

    public void Later(TimeSpan by) => _time.Advance(by);

    /// <summary>Lets time go by until the database's clock is behind, so that what was just done lies in the past.</summary>
    public void Later() => _time.Advance(DateTimeOffset.UtcNow - _time.GetUtcNow() + TimeSpan.FromSeconds(1));

    public async Task<IReadOnlyList<CheckRecord>> CheckAsync(CommandContext? context = null)
    {
        System.Expectations = new CatchUpSettings(Options, new Dictionary<ProjectionName, CatchUpOptions>());
        return (await new CheckCommand { Projection = TallyWorld.Tally }.RunAsync(System, context ?? new CommandContext("catch-up check"), default)).Versions;
    }

    /// <summary>Checks, and returns what was found of one version.</summary>
    public async Task<CheckRecord> CheckAsync(int version) => (await CheckAsync()).Single(record => record.Version.Number == version);

    public async Task<int?> LiveAsync() => (await World.Catalog.ReadAsync(TallyWorld.Tally, default))!.LiveVersion;

    /// <summary>What was announced of the checks, in order: <c>Lagging v1 stuck</c>.</summary>
    public Task<IReadOnlyList<string>> AnnouncedAsync() => World.ColumnAsync(
        "select concat_ws(' ', kind, 'v' || version, details->>'verdict') from projections.announcement where kind in ('Lagging', 'Recovered') order by number");

    /// <summary>Sets an event aside, as a version does that cannot fold it.</summary>
    public Task AddDeadLetterAsync(int version) => Database.ExecuteAsync(
        $"""
        insert into projections.dead_letter (projection, number, position_major, position_minor, stream, stream_version, type, data, metadata, event_time, stage, error)
        values ('tally', {version}, 7, 0, 's', 1, 'added', '', '', now(), 'fold', 'no such thing')
        """);

    public async ValueTask DisposeAsync()
    {
        await System.DisposeAsync();
        await World.DisposeAsync();
    }
}
