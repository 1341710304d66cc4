using Projections.Events;
using Projections.PostgresEvents.Marten;
using Projections.PostgresEvents.Tests.Heads;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.PostgresEvents;

public sealed class EstimateTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly DateTime Start = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [PostgresTheory]
    [InlineData(100, "issued", "line", "tax", "paid", "closed", "cancelled", "line_v1")]
    [InlineData(70, "issued", "line")]
    [InlineData(10, "paid")]
    public async Task The_number_of_many_events_is_estimated_within_a_tenth(int percent, params string[] types)
    {
        const int Events = 60_000;
        await using var database = await postgres.CreateDatabaseAsync();
        var table = new MartenEventTable(database.DataSource);
        await table.CreateAsync();
        await table.SeedAsync(Enumerable.Range(0, Events).Select(number => new MartenEvent(
            new StreamId(new Guid(number / 10, 0, 0, new byte[8])), (number % 10) + 1, TypeOf(number % 10), "{}", Start)));
        await using var source = await PostgresEventSource.OpenAsync(database.DataSource, EventTableMapping.Marten());

        var estimate = await source.EstimateCountAsync(EventPosition.BeforeFirst, EventFilter.OfTypes(types), CancellationToken.None);

        estimate.IsAbout.ShouldBeTrue();
        ((double)estimate.Events).ShouldBe(Events * percent / 100.0, tolerance: Events * percent / 1000.0);
    }

    [PostgresTheory]
    [InlineData("order", 90)]
    [InlineData("refund", 10)]
    [InlineData("nothing", 0)]
    public async Task The_number_of_events_of_a_category_is_estimated_too_though_the_planner_knows_nothing_of_it(string category, int percent)
    {
        const int Events = 200_000;
        await using var table = await NumberedTable.CreateAsync();
        await table.Database.ExecuteAsync(
            $"""
            INSERT INTO events (stream)
            SELECT CASE WHEN n % 10 = 0 THEN 'refund-' ELSE 'order-' END || n FROM generate_series(1, {Events}) AS n;
            ANALYZE events;
            """);
        await using var source = await table.OpenAsync();

        var estimate = await source.EstimateCountAsync(EventPosition.BeforeFirst, new EventFilter(Category: category), CancellationToken.None);

        estimate.IsAbout.ShouldBeTrue();
        ((double)estimate.Events).ShouldBe(Events * percent / 100.0, tolerance: Events / 100.0);
    }

    private static string TypeOf(int place) => place switch
    {
        0 => "issued",
        <= 6 => "line",
        7 => "tax",
        8 => "paid",
        _ => "closed",
    };
}
