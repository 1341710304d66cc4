using Npgsql;
using Projections.Events;
using Projections.PostgresEvents.Standbys;
using Projections.TestServers;

namespace Projections.PostgresEvents.Tests.Standbys;

/// <summary>An event table on a server that has a streaming standby.</summary>
internal sealed class EventsOnStandby : IAsyncDisposable
{
    private const string Database = "events";

    private readonly List<NpgsqlDataSource> _opened = [];

    private EventsOnStandby(StandbyPair servers) => Servers = servers;

    public StandbyPair Servers { get; }

    public string Primary => Servers.Primary.ConnectionStringFor(Database);

    public string Standby => Servers.Standby.ConnectionStringFor(Database);

    public RecordedLog Log { get; } = new();

    public static async Task<EventsOnStandby> StartAsync(params (string Name, string Value)[] ofStandby)
    {
        var events = new EventsOnStandby(await StandbyPair.StartAsync(ofStandby));
        await events.Servers.Primary.CreateDatabaseAsync(Database);
        await events.RunAsync(
            """
            CREATE TABLE events (
                n bigserial PRIMARY KEY, stream text NOT NULL DEFAULT 's', version bigint NOT NULL DEFAULT 0, type text NOT NULL DEFAULT 't',
                data jsonb NOT NULL DEFAULT '1', at timestamptz NOT NULL DEFAULT now());
            """);
        return events;
    }

    /// <summary>Appends so many events, one with each number.</summary>
    public Task AppendAsync(int count, string data = "'1'") => RunAsync($"INSERT INTO events (data) SELECT {data} FROM generate_series(1, {count})");

    /// <summary>Runs a statement on the primary.</summary>
    public Task RunAsync(string sql) => StandbyPair.ScalarAsync<object>(Primary, sql);

    /// <summary>Asks the standby.</summary>
    public Task<T> AskStandbyAsync<T>(string sql) => StandbyPair.ScalarAsync<T>(Standby, sql);

    /// <summary>Opens the source with the standby, or with whatever another connection string leads to.</summary>
    public async Task<PostgresEventSource> OpenAsync(
        StandbyAbsence whenAway = StandbyAbsence.Wait, TimeSpan graceTime = default, TimeProvider? time = null, string? replay = null, int batchEvents = 4096, int rangeSize = 5_000)
    {
        var mapping = new EventTableMapping
        {
            Store = "test", Schema = "public", Table = "events", Position = "n", Stream = "stream", StreamVersion = "version",
            Type = "type", Data = "data", Time = "at", GraceTime = graceTime,
        };
        return await PostgresEventSource.OpenAsync(Connect(Primary), mapping, new PostgresEventSourceOptions
        {
            BatchEvents = batchEvents,
            Time = time ?? TimeProvider.System,
            Standby = new StandbyOptions
            {
                DataSource = Connect(replay ?? Standby),
                WhenAway = whenAway,
                Patience = TimeSpan.FromMilliseconds(200),
                FewestPositions = 1,
                RangeSize = rangeSize,
                Logger = Log,
            },
        });
    }

    /// <summary>Reads history up to the safe head.</summary>
    /// <param name="source">The source.</param>
    /// <param name="afterFirst">Is done behind the first batch.</param>
    public static async Task<List<long>> ReadAsync(PostgresEventSource source, Func<Task>? afterFirst = null)
    {
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        var read = new List<long>();
        await foreach (var batch in source.History.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.All, CancellationToken.None))
        {
            using (batch)
            {
                read.AddRange(batch.Memory.ToArray().Select(one => one.Position.Major));
            }

            if (afterFirst is { } act)
            {
                afterFirst = null;
                await act();
            }
        }

        return read;
    }

    /// <summary>Waits until it is said that history would be read in some way.</summary>
    public static Task<string?> UntilDescribedAsync(PostgresEventSource source, string what) => Deadline.UntilAsync(
        () => source.DescribeHistoryAsync(CancellationToken.None), told => told?.Contains(what, StringComparison.Ordinal) == true, $"say '{what}'");

    /// <summary>Waits until people are told something of where history is read.</summary>
    public static Task<string?> UntilToldAsync(PostgresEventSource source, string what) => Deadline.UntilAsync(
        () => source.History.DescribeHistoryAsync(CancellationToken.None), told => told?.Contains(what, StringComparison.Ordinal) == true, $"tell of '{what}'");

    /// <summary>How often the standby has looked into the events.</summary>
    public Task<long> ReadOnStandbyAsync() => AskStandbyAsync<long>("SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relname = 'events'");

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in _opened)
        {
            await opened.DisposeAsync();
        }

        await Servers.DisposeAsync();
    }

    private NpgsqlDataSource Connect(string connectionString)
    {
        var opened = NpgsqlDataSource.Create(connectionString);
        _opened.Add(opened);
        return opened;
    }
}
