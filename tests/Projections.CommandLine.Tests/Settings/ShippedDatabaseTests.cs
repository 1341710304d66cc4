using System.Text;
using Npgsql;
using Projections.Events;
using Projections.PostgresEvents.Marten;
using Projections.ReadModels.Invoicing;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.CommandLine.Settings;

/// <summary>The SQL that compose and the docs set a database up with, on a real one.</summary>
public sealed class ShippedDatabaseTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    /// <summary>No word that the program says.</summary>
    private const string Password = "b9c1f04e77";

    [PostgresFact(OwnCluster = true)]
    public async Task A_worker_and_all_commands_need_no_more_rights_than_the_shipped_file_gives()
    {
        await using var cluster = await postgres.OwnClusterAsync();
        await using var database = await PostgresFixture.CreateDatabaseAsync(cluster);
        // As the image of PostgreSQL and deploy/postgres/init.sh do it.
        await database.ExecuteAsync($"create role app login superuser password 'app'; create role projections_worker login password '{Password}'");
        await using var app = NpgsqlDataSource.Create(As(database, "app", "app"));
        await ExecuteAsync(app, Shipped("rights.sql") + Shipped("events.sql"));
        await new MartenEventTable(app).SeedAsync(new InvoicingHistory(50) { OpenAtOnce = 50 }.Events()
            .Select(e => new MartenEvent(new StreamId(e.Invoice), e.StreamVersion, e.Type, Encoding.UTF8.GetString(e.Data), e.Time)));
        var program = new BuiltProgram(As(database, "projections_worker", Password));

        (await program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--switch", "auto")).ShouldExitWith(0);
        await using (var worker = program.With("Http__Listen", "off").Start("run"))
        {
            await worker.SaysAsync("Ctrl-C stops it");
            (await program.RunAsync("rebuild", "invoice_summary", "--to", "2")).ShouldExitWith(0);
            var row = await database.ScalarAsync<Guid>("update invoice_summary_v2 set customer = 'somebody' where invoice_id = (select min(invoice_id::text)::uuid from invoice_summary_v2) returning invoice_id");
            (await program.RunAsync("verify", "invoice_summary")).ShouldExitWith(3);
            (await program.RunAsync("explain", "invoice_summary", row.ToString())).ShouldExitWith(0);
            (await program.RunAsync("repair", "invoice_summary", "--version", "2", "--key", row.ToString())).ShouldExitWith(0);
            (await program.RunAsync("verify", "invoice_summary", "--version", "2", "--against-events")).ShouldExitWith(0);
            (await program.RunAsync("plan", "invoice_summary")).ShouldExitWith(0);
            (await program.RunAsync("rebuild", "open_items", "--dry-run")).ShouldExitWith(0);
            (await program.RunAsync("switch", "invoice_summary", "--to", "2", "--require-verified")).ShouldExitWith(3);
            (await program.RunAsync("verify", "invoice_summary")).ShouldExitWith(0);
            (await program.RunAsync("switch", "invoice_summary", "--to", "2", "--require-verified")).ShouldExitWith(0);
            (await program.RunAsync("rollback", "invoice_summary")).ShouldExitWith(0);
            (await program.RunAsync("retire", "invoice_summary", "--version", "2")).ShouldExitWith(0);
            foreach (var look in (string[])["status", "history", "dead-letters", "orders"])
            {
                (await program.RunAsync(look, "invoice_summary")).ShouldExitWith(0);
            }

            (await program.RunAsync("check")).ShouldExitWith(0);
            (await program.RunAsync("fleet")).ShouldExitWith(0).Output.ShouldContain("Projections.Host");
            await worker.SignalAsync("TERM");
            (await worker.EndAsync()).ShouldExitWith(0);
        }

        (await ScalarAsync(app, "select count(*) from invoice_summary")).ShouldBe(50L, "services read what a worker builds");
        foreach (var forbidden in (string[])["delete from mt_events", "create role friend", "create schema other authorization app"])
        {
            await using var itself = NpgsqlDataSource.Create(As(database, "projections_worker", Password));
            (await Should.ThrowAsync<PostgresException>(ExecuteAsync(itself, forbidden))).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege, forbidden);
        }
    }

    [PostgresFact]
    public async Task The_shipped_event_tables_are_those_of_the_test_store()
    {
        await using var shipped = await postgres.CreateDatabaseAsync();
        await using var store = await postgres.CreateDatabaseAsync();

        await shipped.ExecuteAsync(Shipped("events.sql"));
        await new MartenEventTable(store.DataSource).CreateAsync();

        (await ShapeAsync(shipped)).ShouldBe(await ShapeAsync(store));
    }

    private static string Shipped(string file) => File.ReadAllText(Path.Combine(Repository.Folder, "deploy", "postgres", file));

    private static string As(TestDatabase database, string role, string password) =>
        new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = password }.ConnectionString;

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> ScalarAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Columns, constraints, indexes and sequences, a line each.</summary>
    private static Task<string> ShapeAsync(TestDatabase database) => database.ScalarAsync<string>(
        """
        select string_agg(line, E'\n' order by line) from (
            select format('column %s.%s %s %s default %s', c.table_name, c.column_name, c.udt_name || coalesce(c.character_maximum_length::text, ''), c.is_nullable, c.column_default) as line
            from information_schema.columns c where c.table_schema = 'public'
            union all
            select format('constraint %s: %s', n.conname, pg_get_constraintdef(n.oid)) from pg_constraint n where n.connamespace = 'public'::regnamespace
            union all
            select indexdef from pg_indexes where schemaname = 'public'
            union all
            select format('sequence %s of %s', s.oid::regclass, (select d.refobjid::regclass from pg_depend d where d.objid = s.oid and d.deptype = 'a'))
            from pg_class s where s.relkind = 'S' and s.relnamespace = 'public'::regnamespace) as shape
        """);
}
