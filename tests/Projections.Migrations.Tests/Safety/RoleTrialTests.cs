using Npgsql;
using Projections.Migrations.Copies;
using Projections.Migrations.Safety;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Migrations.Tests.Safety;

/// <summary>What a migration takes from a role is what the role can do no more, in whatever way it could.</summary>
public sealed class RoleTrialTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private const string Orders = "CREATE TABLE orders (id bigint PRIMARY KEY, note text)";

    private readonly MigrationFiles _files = new();
    private readonly string _run = Guid.NewGuid().ToString("n");

    private string App => $"app_{_run}";

    private string Team => $"team_{_run}";

    private string Migrator => $"migrator_{_run}";

    public void Dispose() => _files.Dispose();

    [PostgresTheory]
    [InlineData("GRANT SELECT ON orders TO app, team; GRANT team TO app", "REVOKE SELECT ON orders FROM app", null)]
    [InlineData("GRANT SELECT ON orders TO app, team; GRANT team TO app", "REVOKE SELECT ON orders FROM app, team", "The role app loses SELECT on public.orders: running code that needs it fails at once. Tried as that role: permission denied for table orders.")]
    [InlineData("GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO app", "REVOKE INSERT, UPDATE, DELETE ON orders FROM app", "The role app loses DELETE, INSERT, UPDATE on public.orders: running code that needs it fails at once. Tried as that role: permission denied for table orders.")]
    [InlineData("GRANT UPDATE (note) ON orders TO app", "REVOKE UPDATE (note) ON orders FROM app", "The role app loses UPDATE on public.orders.note: running code that needs it fails at once. Tried as that role: permission denied for table orders.")]
    [InlineData("CREATE VIEW totals AS SELECT count(*) FROM orders; GRANT SELECT, INSERT ON totals TO app", "REVOKE INSERT ON totals FROM app", "The role app loses INSERT on public.totals: running code that needs it fails at once.")]
    [InlineData("CREATE SEQUENCE numbers; GRANT USAGE ON SEQUENCE numbers TO app, team; GRANT team TO app", "REVOKE USAGE ON SEQUENCE numbers FROM app", null)]
    [InlineData("CREATE SEQUENCE numbers; GRANT USAGE ON SEQUENCE numbers TO app", "-- transaction: none\nREVOKE USAGE ON SEQUENCE numbers FROM app", "The role app loses USAGE on public.numbers: running code that needs it fails at once.")]
    [InlineData("CREATE SCHEMA shop; GRANT USAGE ON SCHEMA shop TO app", "REVOKE USAGE ON SCHEMA shop FROM app", "The role app loses USAGE on schema shop: running code that needs it fails at once.")]
    [InlineData("GRANT SELECT ON orders TO app", "ALTER TABLE orders OWNER TO app", null)]
    public Task A_right_is_lost_when_the_role_that_tries_is_refused(string setup, string change, string? what) => ShouldFindAsync("rights-revoked", setup, change, what);

    [PostgresTheory]
    [InlineData("ALTER TABLE orders OWNER TO team", "orders belongs to team now, and app loses DELETE, INSERT, SELECT, UPDATE on it: running code that needs it fails at once. Tried as that role: permission denied for table orders.")]
    [InlineData("ALTER TABLE orders OWNER TO team; GRANT SELECT, INSERT, UPDATE ON orders TO app", "orders belongs to team now, and app loses DELETE on it: running code that needs it fails at once. Tried as that role: permission denied for table orders.")]
    [InlineData("ALTER TABLE orders OWNER TO team; GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO app", null)]
    public Task Who_owned_a_table_may_do_afterwards_what_it_is_granted(string change, string? what) => ShouldFindAsync("rights-revoked", "ALTER TABLE orders OWNER TO app", change, what);

    [PostgresTheory]
    [InlineData("", "orders has row-level security and no policy when the migration is done: all but its owner see no row, and write none. It has been read by app.")]
    [InlineData("CREATE POLICY p ON orders TO team USING (true)", "orders has row-level security when the migration is done, and no policy for app, to whom it shows no row any more.")]
    [InlineData("CREATE POLICY p ON orders TO team USING (true); GRANT team TO app", null)]
    [InlineData("CREATE POLICY p ON orders FOR INSERT TO app WITH CHECK (true)", "orders has row-level security when the migration is done, and no policy for app, to whom it shows no row any more.")]
    [InlineData("CREATE POLICY p ON orders USING (note = current_setting('app.tenant', true))", null)]
    public Task Row_level_security_needs_a_policy_for_each_role_that_reads(string policy, string? what) =>
        ShouldFindAsync("row-security-without-policy", "GRANT SELECT ON orders TO app", $"ALTER TABLE orders ENABLE ROW LEVEL SECURITY; {policy}", what);

    [PostgresFact(PgDump = true)]
    public Task The_copy_of_a_database_belongs_to_those_who_own_the_database() => WithRolesAsync(async database =>
    {
        await database.ExecuteAsync(Named($"{Orders}; ALTER TABLE orders OWNER TO app"));
        _files.With("001_a", Named("ALTER TABLE orders OWNER TO team"), "SELECT 1");

        var report = await CheckAsync(database.ConnectionString);

        report.Findings.Single(finding => finding.RuleId == "rights-revoked").What.ShouldContain(Named("app loses DELETE, INSERT, SELECT, UPDATE on it"));
    });

    [PostgresTheory]
    [InlineData("REVOKE SELECT ON orders FROM app", "rights-revoked", "The role app loses SELECT on public.orders: running code that needs it fails at once.")]
    [InlineData("ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON orders TO team USING (true)", "row-security-without-policy", "orders has row-level security when the migration is done, and no policy for app, to whom it shows no row any more.")]
    public Task Who_may_not_act_as_the_role_asks_the_server_about_it(string change, string rule, string what) => WithRolesAsync(async database =>
    {
        await database.ExecuteAsync(Named($"CREATE ROLE migrator LOGIN PASSWORD 'secret' CREATEDB; ALTER SCHEMA public OWNER TO migrator; SET ROLE migrator; {Orders}; GRANT SELECT ON orders TO app"));
        _files.With("000_before", Named($"{Orders}; GRANT SELECT ON orders TO app"), "-- irreversible: it was there before").With("001_a", Named(change), "SELECT 1");
        var migrator = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = Migrator, Password = "secret", Pooling = false }.ConnectionString;

        var report = await new SafetyCheck(_files.Options, new CopyOptions { Source = CopySource.Migrations })
            .RunAsync(new SafetyRequest { Database = migrator, AppliedTo = 0 }, CancellationToken.None);

        report.Findings.Single(finding => finding.RuleId == rule).What.ShouldBe(Named(what));
    });

    private Task ShouldFindAsync(string rule, string setup, string change, string? what) => WithRolesAsync(async database =>
    {
        await _files.MakeAsync(database, Named($"{Orders}; {setup}"));
        _files.With("001_a", Named(change), "SELECT 1");

        var report = await CheckAsync(database.ConnectionString);

        var found = report.Findings.Where(finding => finding.RuleId == rule && finding.IsUnsafe).Select(finding => finding.What).ToList();
        if (what is null)
        {
            found.ShouldBeEmpty();
        }
        else
        {
            found.ShouldContain(Named(what), string.Join("\n", found));
        }

        report.NotJudged.ShouldBeEmpty();
    });

    private Task<SafetyReport> CheckAsync(string database) =>
        new SafetyCheck(_files.Options, new CopyOptions()).RunAsync(new SafetyRequest { Database = database }, CancellationToken.None);

    private async Task WithRolesAsync(Func<TestDatabase, Task> test)
    {
        await using var server = await postgres.CreateDatabaseAsync();
        await server.ExecuteAsync(Named("CREATE ROLE app; CREATE ROLE team"));
        try
        {
            await using var database = await postgres.CreateDatabaseAsync();
            await test(database);
        }
        finally
        {
            await server.ExecuteAsync(Named("DROP ROLE IF EXISTS app, team, migrator"));
        }
    }

    // Roles are the whole server's, and other tests have theirs.
    private string Named(string text) => System.Text.RegularExpressions.Regex.Replace(
        text, @"\b(app|team|migrator)\b(?!\.\w)", role => role.Value == "app" ? App : role.Value == "team" ? Team : Migrator);
}
