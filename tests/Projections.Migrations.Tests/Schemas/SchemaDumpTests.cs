using Projections.Migrations.Parsing;
using Projections.Migrations.Schemas;
using Projections.Migrations.Tests.RoundTrip;
using Projections.Postgres;
using Projections.TestServers;
using Projections.Testing;

namespace Projections.Migrations.Tests.Schemas;

public sealed class SchemaDumpTests(SchemaDumpTests.OrdersDatabase orders) : IClassFixture<SchemaDumpTests.OrdersDatabase>
{
    [PostgresTheory]
    [InlineData("ALTER TABLE orders DROP CONSTRAINT orders_state_check", "- table public.orders: constraint orders_state_check")]
    [InlineData("CREATE INDEX i ON orders (note)", "+ table public.orders: CREATE INDEX i")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "+ routine public.f()")]
    [InlineData("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f()", "+ table public.orders: CREATE TRIGGER t")]
    [InlineData("ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON orders USING (id > 0)", "+ table public.orders: policy p permissive")]
    [InlineData("GRANT SELECT ON orders TO public", "grants {")]
    [InlineData("COMMENT ON COLUMN orders.note IS 'x'", "comment 'x'")]
    [InlineData("COMMENT ON CONSTRAINT orders_state_check ON orders IS 'x'", "comment 'x'")]
    [InlineData("ALTER TABLE orders SET (fillfactor = 70)", "fillfactor=70")]
    [InlineData("CREATE SCHEMA extra", "+ schema extra")]
    [InlineData("CREATE SEQUENCE s", "+ sequence public.s")]
    [InlineData("CREATE DOMAIN d AS int CHECK (VALUE > 0)", "+ type public.d: constraint d_check")]
    [InlineData("ALTER TABLE orders ALTER state SET DEFAULT 'old'", "DEFAULT 'old'")]
    [InlineData("ALTER TABLE orders ALTER state DROP NOT NULL", "+ table public.orders: column 2: state text DEFAULT")]
    [InlineData("ALTER TABLE orders DROP COLUMN state; ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'new'", "+ table public.orders: column 3: state")]
    public async Task Every_change_of_a_schema_shows(string change, string expected)
    {
        await using var connection = await orders.Database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var before = await SchemaDump.ReadAsync(connection, CancellationToken.None);
        await connection.ExecuteLongAsync("SET search_path = public", CancellationToken.None);
        foreach (var statement in StatementSplitter.Split(change))
        {
            await connection.ExecuteLongAsync(statement.Text, CancellationToken.None);
        }

        var after = await SchemaDump.ReadAsync(connection, CancellationToken.None);

        string.Join('\n', SchemaDifference.Between(before, after)).ShouldContain(expected);
    }

    public sealed class OrdersDatabase : IAsyncLifetime
    {
        public TestDatabase Database { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            if (PostgresForTests.SkipReason is null)
            {
                Database = await PostgresForTests.CreateDatabaseAsync();
                await Database.ExecuteAsync(RoundTripCheckTests.Orders);
            }
        }

        public async Task DisposeAsync()
        {
            if (Database is not null)
            {
                await Database.DisposeAsync();
            }
        }
    }
}
