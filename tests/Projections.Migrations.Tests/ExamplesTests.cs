using Npgsql;
using Projections.Migrations.Copies;
using Projections.Migrations.Files;
using Projections.Migrations.RoundTrip;
using Projections.Migrations.Running;
using Projections.Migrations.Safety;
using Projections.Postgres;
using Projections.TestServers;
using Projections.Testing;
using Xunit.Abstractions;

namespace Projections.Migrations.Tests;

/// <summary>The worked examples keep what they promise.</summary>
public sealed class ExamplesTests(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static MigrationOptions Options { get; } = new()
    {
        Folder = Path.Combine(Repository.Folder, "migrations", "billing"),
        Service = "billing",
        FirstRetryPause = TimeSpan.FromMilliseconds(50),
        LongestRetryPause = TimeSpan.FromMilliseconds(200),
    };

    [PostgresFact]
    public async Task Every_example_passes_the_safety_check()
    {
        var report = await new SafetyCheck(Options, new CopyOptions { Server = await PostgresForTests.GetConnectionStringAsync() }).RunAsync(new SafetyRequest(), None);

        var errors = report.Findings.Where(finding => finding.IsUnsafe).Select(finding => $"{finding.Path}:{finding.Line} {finding.RuleId}: {finding.What}").ToList();
        errors.ShouldBeEmpty(string.Join("\n", errors));
        report.Findings.ShouldNotContain(finding => finding.RuleId == "allowance-without-finding");
        report.NotJudged.ShouldBeEmpty();
        report.Notes.ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task Every_example_can_be_taken_back_without_a_trace_or_says_why_not()
    {
        var report = await new RoundTripCheck(Options, new CopyOptions { Server = await PostgresForTests.GetConnectionStringAsync() }).RunAsync(null, null, None);

        var problems = report.Results.Where(result => !result.Succeeded)
            .Select(result => $"{result.Migration}: {result.Failure?.Message} {string.Join("; ", result.AfterDown.Concat(result.AfterSecondUp))}").ToList();
        problems.ShouldBeEmpty(string.Join("\n", problems));
        report.Results.Count.ShouldBe((await MigrationFolder.ReadAsync(Options.Folder, None)).Count);
    }

    [PostgresFact]
    public async Task Every_example_goes_up_down_and_up_while_others_read_and_write()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var runner = new MigrationRunner(database.DataSource, Options);
        (await runner.UpAsync(new UpRequest { To = 1 }, None)).ThrowIfFailed();
        await database.ExecuteAsync(
            """
            INSERT INTO billing.customers (name) SELECT 'customer ' || i FROM generate_series(1, 50) i;
            INSERT INTO billing.invoices (customer_id, number, total, remark) SELECT 1 + i % 50, 'N' || i, i, 'remark ' || i FROM generate_series(1, 2000) i;
            INSERT INTO billing.payments (invoice_id, method, amount) SELECT i, 'card', i FROM generate_series(1, 1000) i;
            INSERT INTO billing.ledger SELECT i, date '2025-06-01' + i % 500, i FROM generate_series(1, 2000) i;
            """);
        await using var traffic = new BillingTraffic(database.DataSource);

        foreach (var migration in (await MigrationFolder.ReadAsync(Options.Folder, None)).Skip(1))
        {
            (await runner.UpAsync(new UpRequest { To = migration.Version }, None)).ThrowIfFailed();
            if (migration.Down?.FrontMatter.Irreversible is null)
            {
                (await runner.DownAsync(new DownRequest(), None)).ThrowIfFailed();
                (await runner.UpAsync(new UpRequest { To = migration.Version }, None)).ThrowIfFailed();
            }
        }

        var figures = await traffic.StopAsync();
        output.WriteLine($"{figures.Statements} statements of others, the slowest {figures.Slowest.TotalMilliseconds:0} ms.");
        figures.Failures.ShouldBeEmpty(string.Join("\n", figures.Failures));
        figures.Statements.ShouldBeGreaterThan(100);
        figures.Slowest.ShouldBeLessThan(Options.LockTimeout + TimeSpan.FromSeconds(1));
        (await database.ScalarAsync<bool>("SELECT bool_and(total = substr(number, 2)::int AND currency = 'EUR' AND note = 'remark ' || substr(number, 2)) FROM billing.invoices")).ShouldBeTrue();
        (await database.ScalarAsync<long>("SELECT count(*) FROM billing.ledger")).ShouldBe(2000 + figures.LedgerRows);
        (await database.ScalarAsync<long>("SELECT count(*) FROM billing.payments WHERE method_name = 'card'")).ShouldBe(1000);
    }

    [PostgresFact]
    public async Task Tenants_see_their_own_rows_and_every_change_is_kept()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        (await new MigrationRunner(database.DataSource, Options).UpAsync(new UpRequest(), None)).ThrowIfFailed();
        var role = $"tenant_role_{Guid.NewGuid():n}";
        await database.ExecuteAsync($"CREATE ROLE {role}; GRANT USAGE ON SCHEMA billing TO {role}; GRANT ALL ON ALL TABLES IN SCHEMA billing TO {role}");
        try
        {
            await using var connection = await database.DataSource.OpenConnectionAsync();
            await connection.ExecuteLongAsync($"SET ROLE {role}", None);
            foreach (var tenant in new[] { "acme", "globex" })
            {
                await connection.ExecuteLongAsync("SELECT set_config('app.tenant', $1, false)", None, tenant);
                await connection.ExecuteLongAsync("INSERT INTO billing.tenant_notes (body) VALUES ('a'), ('b')", None);
                await connection.ExecuteLongAsync("UPDATE billing.tenant_notes SET body = 'c' WHERE body = 'a'", None);
            }

            (await connection.ScalarAsync<long>("SELECT count(*) FROM billing.tenant_notes", None)).ShouldBe(2);
            (await connection.ScalarAsync<long>("SELECT count(*) FROM billing.tenant_notes_audit", None)).ShouldBe(3);
            (await Should.ThrowAsync<PostgresException>(() => connection.ExecuteLongAsync("INSERT INTO billing.tenant_notes (tenant_id, body) VALUES ('acme', 'x')", None)))
                .SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        }
        finally
        {
            await database.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }
}
