using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Operations;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.Testing;
using Projections.Tests.Following;
using Projections.TestServers;
using Projections.Workers;

namespace Projections.Tests.Catalog;

/// <summary>What goes on for as long as a worker lives goes on, whatever its connection to the database does.</summary>
public sealed class BrokenSessionTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(30);

    /// <summary>What Npgsql was seen to throw when a connection broke while it was in use, and what a server says that is being restarted or mended.</summary>
    public static TheoryData<Exception> Faults => new(
        new NpgsqlException("Exception while reading from stream"),
        new InvalidOperationException("Connection is not open") { Source = "Npgsql" },
        new ObjectDisposedException("NpgsqlConnection"),
        new ObjectDisposedException("System.Net.Sockets.NetworkStream"),
        new ObjectDisposedException("System.Threading.ManualResetEventSlim"),
        new ObjectDisposedException("NpgsqlTransaction", new NpgsqlException("Exception while reading from stream")),
        new OperationCanceledException("Query was cancelled"),
        new TimeoutException(),
        new IOException("Broken pipe"),
        new PostgresException("terminating connection due to administrator command", "FATAL", "FATAL", "57P01"),
        new PostgresException("password authentication failed", "FATAL", "FATAL", "28P01"));

    [PostgresTheory]
    [MemberData(nameof(Faults))]
    public async Task The_beat_of_the_leases_goes_on_after(Exception fault)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var system = await SystemAsync(database);
        await using var sessions = new FailingSessions(database.ConnectionString, fault);
        var time = new SteppedTime();
        await using var keeper = new LeaseKeeper(sessions.DataSource, "worker", LeaseDuration, time, NullLogger.Instance);
        await using var lease = await keeper.TryTakeAsync(await PlannedAsync(system), CancellationToken.None);
        var until = await UntilAsync(database);

        sessions.FailNext();
        time.Fire();
        await sessions.Failed.WaitAsync(Deadline.Generous);

        while (await UntilAsync(database) == until)
        {
            keeper.Completion.IsCompleted.ShouldBeFalse();
            time.Fire();
            await Task.Delay(10);
        }
    }

    [PostgresTheory]
    [MemberData(nameof(Faults))]
    public async Task The_signal_of_the_catalog_goes_on_after(Exception fault)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var sessions = new FailingSessions(database.ConnectionString, fault);
        var time = new SteppedTime();
        sessions.FailNext();
        await using var signal = new CatalogSignal(sessions.DataSource, time, NullLogger.Instance);
        await sessions.Failed.WaitAsync(Deadline.Generous);

        // The first is for what was announced while nobody listened.
        var heard = signal.Next;
        while (!heard.IsCompleted)
        {
            signal.Completion.IsCompleted.ShouldBeFalse();
            time.Fire();
            await Task.Delay(10);
        }

        heard = signal.Next;
        await database.ExecuteAsync($"notify {ProjectionCatalog.Channel}");
        await heard.WaitAsync(Deadline.Generous);
    }

    [PostgresFact]
    public async Task What_is_no_fault_of_a_session_ends_the_beat_with_an_error()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var system = await SystemAsync(database);
        await using var sessions = new FailingSessions(database.ConnectionString, new InvalidCastException());
        var time = new SteppedTime();
        await using var keeper = new LeaseKeeper(sessions.DataSource, "worker", LeaseDuration, time, NullLogger.Instance);
        await using var lease = await keeper.TryTakeAsync(await PlannedAsync(system), CancellationToken.None);

        sessions.FailNext();
        time.Fire();

        await Should.ThrowAsync<InvalidCastException>(() => keeper.Completion.WaitAsync(Deadline.Generous));
    }

    [PostgresFact]
    public async Task A_worker_does_not_go_on_without_what_it_listens_with()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var system = await SystemAsync(database, new SteppedTime { Refused = TimeSpan.FromSeconds(1) });
        await using var worker = Worker.Start(system);

        while (await database.ScalarAsync<long>("select count(pg_terminate_backend(pid)) from pg_stat_activity where query ilike 'listen%'") == 0)
        {
            await Task.Delay(10);
        }

        var error = await Should.ThrowAsync<NotSupportedException>(() => worker.Completion.WaitAsync(Deadline.Generous));
        error.Message.ShouldBe(SteppedTime.Refusal);
    }

    private static async Task<ProjectionSystem> SystemAsync(TestDatabase database, TimeProvider? time = null)
    {
        var system = new ProjectionSystem(
            ProjectionRegistry.Of(new InvoiceSummaryV1()),
            database.ConnectionString,
            new PooledSource(0, _ => default),
            new ProjectionsOptions { LeaseDuration = LeaseDuration },
            NullLoggerFactory.Instance,
            time);
        await system.Catalog.InstallAsync(CancellationToken.None);
        return system;
    }

    private static async Task<VersionSnapshot> PlannedAsync(ProjectionSystem system)
    {
        var id = new VersionId(new ProjectionName("invoice_summary"), 1);
        await new RebuildCommand { Projection = id.Projection, To = id.Number, Why = "because" }.RunAsync(system, new CommandContext("test"), CancellationToken.None);
        return (await system.Catalog.ReadAsync(id.Projection, CancellationToken.None))!.Find(id.Number)!;
    }

    private static Task<DateTime> UntilAsync(TestDatabase database) =>
        database.ScalarAsync<DateTime>("select lease_until from projections.version");
}
