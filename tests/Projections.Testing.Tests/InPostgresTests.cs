using Projections.TestServers;

namespace Projections.Testing.Tests;

public sealed class InPostgresTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_spec_runs_against_the_real_table_and_leaves_nothing_behind()
    {
        await using var database = await postgres.CreateDatabaseAsync();

        ProjectionSpec.For(new DemandV1()).InPostgres(database.ConnectionString)
            .ForTenant("acme")
            .Given("order-1", new OrderPlaced("c1", [new("bolt", 2), new("nut", 4)]))
            .Given("order-1", new OrderCancelled(["bolt"]))
            .Given("order-1", new OrderCancelled(["bolt"]))
            .ThenFails("there is no row")
            .Then(new("acme", "nut"), row => row.Price.ShouldBe(1.33m))
            .ThenNothingElse();

        (await database.ScalarAsync<long>("select count(*) from pg_namespace where nspname like 'projections%'")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task A_stream_that_has_lost_its_beginning_is_one_in_the_real_table_too()
    {
        await using var database = await postgres.CreateDatabaseAsync();

        ProjectionSpec.For(new OrdersThatAreWhole()).InPostgres(database.ConnectionString)
            .WithoutBeginningOf("order-1")
            .Given("order-1", new OrderCancelled([]))
            .ThenNothingElse();
    }

    [PostgresFact]
    public async Task A_table_that_its_row_does_not_fit_fails_the_spec()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var spec = ProjectionSpec.For(new OrdersWithAnotherTable()).Given("order-1", new OrderPlaced("c1", []));
        spec.ThenRows(_ => { });

        Should.Throw<ProjectionSpecFailed>(() => spec.InPostgres(database.ConnectionString).ThenRows(_ => { })).Message
            .ShouldStartWith("orders v1: orders_v1 has no column 'customer', which the row type has as character varying(5) not null.");
    }

    [PostgresFact]
    public async Task A_version_made_of_statements_has_a_spec_too()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var spec = ProjectionSpec.For(new BestSellersV1()).InPostgres(database.ConnectionString)
            .Given("order-1", new OrderPlaced("c1", [new("bolt", 2)]))
            .Given("order-2", new OrderPlaced("c1", [new("bolt", 40)]));

        spec.Then("bolt", row => row.Get<long>("sold").ShouldBe(42)).ThenNothingElse();

        spec.Given("order-3", new OrderPlaced("c1", [new("bolt", 58)])).ThenFails("best_sellers_v1_sold_check").Then("bolt", row => row["sold"].ShouldBe(42L));
    }
}
