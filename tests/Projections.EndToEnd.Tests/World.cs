using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Operations;
using Projections.PostgresEvents;
using Projections.PostgresEvents.Marten;
using Projections.ReadModels.Invoicing;
using Projections.Serving;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;
using Projections.TestServers.Faults;
using Projections.Workers;

namespace Projections.EndToEnd;

/// <summary>A database with an event store and read models, and the programs that work on it.</summary>
internal sealed class World : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _programs = [];
    private readonly List<Worker> _mortal = [];

    private readonly MartenLayout _layout;

    private World(TestDatabase database, MartenLayout layout)
    {
        Database = database;
        _layout = layout;
    }

    public TestDatabase Database { get; }

    public NpgsqlDataSource Sql => Database.DataSource;

    public MartenEventTable Store => new(Sql, "events", _layout);

    public ProjectionCatalog Catalog => new(Sql);

    public static CommandContext Someone => new("test");

    public static Actor Anybody => new("test", "because");

    /// <summary>How much of something a run is asked for by the environment, in place of the usual.</summary>
    public static int Setting(string name, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : usual;

    public static async Task<World> CreateAsync(PostgresFixture postgres) => await CreateAsync(await postgres.CreateDatabaseAsync());

    public static async Task<World> CreateAsync(TestDatabase database, MartenLayout? layout = null)
    {
        var world = new World(database, layout ?? MartenLayout.Default);
        await world.Store.CreateAsync();
        await world.Catalog.InstallAsync(CancellationToken.None);
        return world;
    }

    /// <summary>Puts a made-up history of invoices into the store.</summary>
    public Task<long> SeedAsync(int invoices, int seed = 1, int corrections = 100) =>
        Store.SeedAsync(Events(invoices, seed, corrections));

    public static IEnumerable<MartenEvent> Events(int invoices, int seed = 1, int corrections = 100) =>
        new InvoicingHistory(invoices) { Seed = seed, CorrectionsPerThousand = corrections, OpenAtOnce = Math.Min(invoices, 500) }.Events()
            .Select(e => new MartenEvent(new StreamId(e.Invoice), e.StreamVersion, e.Type, System.Text.Encoding.UTF8.GetString(e.Data), e.Time));

    /// <summary>A system of its own, as another process would have it.</summary>
    public async Task<ProjectionSystem> OpenAsync(ProjectionRegistry registry, Action<ProjectionsOptions>? configure = null, World? eventsOf = null, IEventSource? source = null, ILoggerFactory? loggers = null, FaultyProxy? through = null, ServingPlace? place = null, string? signingIn = null)
    {
        // A share of time that no handler exceeds because the machine that runs the tests is busy.
        var options = new ProjectionsOptions { LeaseDuration = TimeSpan.FromSeconds(2), CandidateShare = TimeSpan.FromSeconds(20), ReplayPartitions = 3 };
        configure?.Invoke(options);
        var mapping = EventTableMapping.Marten("events") with { GraceTime = TimeSpan.Zero };
        source ??= await PostgresEventSource.OpenAsync(signingIn is null ? (eventsOf ?? this).Sql : Keep(NpgsqlDataSource.Create(signingIn)), mapping);
        var system = new ProjectionSystem(registry, through?.Through(Database.ConnectionString) ?? signingIn ?? Database.ConnectionString, options, loggers ?? NullLoggerFactory.Instance, place: place);
        system.ReadFrom(source);
        _programs.Add(system);
        return system;
    }

    /// <summary>Starts a worker. A test in which its loop ends by an error fails, unless it says that this may happen.</summary>
    public Worker Start(ProjectionSystem system, bool mayDie = false)
    {
        var worker = Worker.Start(system);
        _programs.Add(worker);
        if (mayDie)
        {
            _mortal.Add(worker);
        }

        return worker;
    }

    /// <summary>Stops a worker as a deployment does: it finishes and lets go.</summary>
    public async Task StopAsync(Worker worker)
    {
        _programs.Remove(worker);
        await worker.DisposeAsync();
        if (DeathOf(worker) is { } death)
        {
            throw death;
        }
    }

    public Task<VersionSnapshot> BecomesAsync(string projection, int number, VersionState state) =>
        UntilAsync(projection, number, version => version.State == state && (!state.IsFollowed() || version.Lockstep || version.External), state.Text());

    public async Task<VersionSnapshot> UntilAsync(string projection, int number, Func<VersionSnapshot, bool> condition, string what)
    {
        var began = DateTime.UtcNow;
        VersionSnapshot? version = null;
        while (DateTime.UtcNow - began < Deadline.Generous)
        {
            version = (await Catalog.ReadAsync(new ProjectionName(projection), CancellationToken.None))?.Find(number);
            if (version is not null && condition(version))
            {
                return version;
            }

            // A version is failed a moment before it is let go of.
            if (version is { State: VersionState.Failed, IsLeased: false })
            {
                break;
            }

            await Task.Delay(10);
        }

        throw new InvalidOperationException($"{projection} v{number} did not become {what}: {version}");
    }

    /// <summary>Waits until a query returns a value.</summary>
    public async Task EventuallyAsync<T>(string sql, T expected)
    {
        var began = DateTime.UtcNow;
        T last = default!;
        while (DateTime.UtcNow - began < Deadline.Generous)
        {
            last = await Database.ScalarAsync<T>(sql);
            if (Equals(last, expected))
            {
                return;
            }

            await Task.Delay(10);
        }

        throw new InvalidOperationException($"'{sql}' is {last}, not {expected}.");
    }

    /// <summary>Gives a command; what is in its way at this moment is no matter.</summary>
    /// <returns>Whether it was carried out.</returns>
    public static async Task<bool> TryAsync(Func<Task> command)
    {
        try
        {
            await command();
            return true;
        }
        catch (Exception exception) when (exception is OperationRefused or SwitchRefused)
        {
            return false;
        }
    }

    /// <summary>A connection of another program, which messages name by its application name.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(string applicationName)
    {
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(Database.ConnectionString) { ApplicationName = applicationName, Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Builds a version and waits until it is ready.</summary>
    public async Task<VersionSnapshot> BuildAsync(ProjectionSystem system, string projection, int number)
    {
        await AskToBuildAsync(system, projection, number);
        var ready = await BecomesAsync(projection, number, VersionState.Ready);
        // Snapshots that are taken from now on are known not to be from before.
        await EventuallyAsync("select count(*) from projections.version where phase = 'following' and joined_at is null", 0L);
        return ready;
    }

    /// <summary>Builds a version, waits until it is ready, and switches to it.</summary>
    public async Task BuildAndSwitchAsync(ProjectionSystem system, string projection, int number)
    {
        await BuildAsync(system, projection, number);
        await SwitchAsync(system, projection, number);
    }

    public static Task<OperationResult> AskToBuildAsync(ProjectionSystem system, string projection, int number, int? throttle = null) =>
        new RebuildCommand { Projection = new ProjectionName(projection), To = number, Throttle = throttle }.RunAsync(system, Someone, CancellationToken.None);

    /// <summary>What the audit trail says of a version, oldest first: <c>from to who why</c>.</summary>
    public Task<IReadOnlyList<string>> AuditAsync(string projection, int number) =>
        ColumnAsync($"select concat_ws(' ', from_state, to_state, who, why) from projections.transition where projection = '{projection}' and number = {number} order by at");

    /// <summary>The rows of a version's table as texts. A test that compares fewer than it means to proves nothing.</summary>
    public async Task<IReadOnlyList<string>> RowsAsync(VersionId version, int atLeast)
    {
        var rows = await ColumnAsync($"select t::text from {version.Table} t order by 1");
        rows.Count.ShouldBeGreaterThanOrEqualTo(atLeast, version.ToString());
        return rows;
    }

    /// <summary>The rows of the same version, rebuilt from the same events in a database where nothing goes wrong.</summary>
    public async Task<IReadOnlyList<string>> UndisturbedAsync(PostgresFixture postgres, ProjectionRegistry registry, VersionId version, int atLeast)
    {
        await using var calm = await CreateAsync(postgres);
        var system = await calm.OpenAsync(registry, eventsOf: this);
        calm.Start(system);
        await calm.BuildAsync(system, version.Projection.Value, version.Number);
        return await calm.RowsAsync(version, atLeast);
    }

    /// <summary>The first column of a query's rows.</summary>
    public async Task<IReadOnlyList<string>> ColumnAsync(string sql)
    {
        await using var command = Sql.CreateCommand(sql);
        await using var row = await command.ExecuteReaderAsync();
        var values = new List<string>();
        while (await row.ReadAsync())
        {
            values.Add(row.GetString(0));
        }

        return values;
    }

    public static Task<SwitchResult> SwitchAsync(ProjectionSystem system, string projection, int number, SwitchCommand? options = null) =>
        ((options ?? new SwitchCommand()) with { Projection = new ProjectionName(projection), To = number }).RunAsync(system, Someone, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        // Workers were started after the systems that they stand on.
        foreach (var program in Enumerable.Reverse(_programs))
        {
            await program.DisposeAsync();
        }

        await Database.DisposeAsync();
        if (_programs.OfType<Worker>().Select(DeathOf).FirstOrDefault(death => death is not null) is { } death)
        {
            throw death;
        }
    }

    private T Keep<T>(T program)
        where T : IAsyncDisposable
    {
        _programs.Add(program);
        return program;
    }

    /// <summary>Why a worker's loop, its leases' beat or its look for late events came to an end that nobody asked for; <c>null</c> when it did not.</summary>
    private InvalidOperationException? DeathOf(Worker worker) => worker.Completion.Exception is { } death && !_mortal.Contains(worker)
        ? new InvalidOperationException($"A worker died that nobody had stopped: {death.GetBaseException().Message}", death)
        : null;
}
