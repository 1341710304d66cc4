using Npgsql;
using Projections.Testing;

namespace Projections.PostgresEvents.Tests.Heads;

/// <summary>A small event table with its sequence, and writers whose every step a test decides.</summary>
internal sealed class NumberedTable : IAsyncDisposable
{
    private NumberedTable(TestDatabase database, EventTableMapping mapping)
    {
        Database = database;
        Mapping = mapping;
    }

    public TestDatabase Database { get; }

    public EventTableMapping Mapping { get; }

    public static async Task<NumberedTable> CreateAsync(bool isPartitioned = false, bool isIndexed = true, TimeSpan graceTime = default)
    {
        var database = await PostgresForTests.CreateDatabaseAsync("heads");
        var key = isIndexed ? ", PRIMARY KEY (n, part)" : "";
        await database.ExecuteAsync(
            $"""
            CREATE TABLE events (
                n bigserial NOT NULL, stream text NOT NULL DEFAULT 's', version bigint NOT NULL DEFAULT 0, type text NOT NULL DEFAULT 't',
                data jsonb NOT NULL DEFAULT '1', at timestamptz NOT NULL DEFAULT now(), part int NOT NULL DEFAULT 1{key}
            ) {(isPartitioned ? "PARTITION BY LIST (part)" : "")};
            {(isPartitioned ? "CREATE TABLE events_1 PARTITION OF events FOR VALUES IN (1);" : "")}
            """);
        return new NumberedTable(database, new EventTableMapping
        {
            Store = "test", Schema = "public", Table = "events", Position = "n", Stream = "stream", StreamVersion = "version",
            Type = "type", Data = "data", Time = "at", GraceTime = graceTime,
        });
    }

    public Task<PostgresEventSource> OpenAsync(PostgresEventSourceOptions? options = null) =>
        PostgresEventSource.OpenAsync(Database.DataSource, Mapping, options);

    /// <summary>Appends one event, committed.</summary>
    public Task AppendAsync() => Database.ExecuteAsync("INSERT INTO events DEFAULT VALUES");

    /// <summary>A session with an open transaction; an application name makes it recognisable.</summary>
    public async Task<Writer> BeginAsync(string application = "writer")
    {
        var connectionString = new NpgsqlConnectionStringBuilder(Database.ConnectionString) { ApplicationName = application, Pooling = false };
        var connection = new NpgsqlConnection(connectionString.ConnectionString);
        await connection.OpenAsync();
        var writer = new Writer(connection);
        await writer.RunAsync("BEGIN");
        return writer;
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    internal sealed class Writer(NpgsqlConnection connection) : IAsyncDisposable
    {
        public const string Insert = "INSERT INTO events DEFAULT VALUES";

        public int ProcessId => connection.ProcessID;

        public async Task RunAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
