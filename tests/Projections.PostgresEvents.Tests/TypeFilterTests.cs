using Projections.Events;
using Projections.PostgresEvents.Marten;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.PostgresEvents;

/// <summary>Types are picked by the server, or by the reader where nearly all are wanted; what comes out is the same.</summary>
public sealed class TypeFilterTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int Events = 20_000;

    private static readonly DateTime Start = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [PostgresTheory]
    [InlineData(2)]
    [InlineData(50)]
    public async Task Only_events_of_wanted_types_are_read(int unwantedPercent)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var source = await SeedAsync(database, number => number % 100 < unwantedPercent ? "unwanted" : number % 2 == 0 ? "even" : "odd");

        var (positions, _) = await ReadAsync(source, "even", "odd");

        positions.ShouldBe(Enumerable.Range(0, Events).Where(number => number % 100 >= unwantedPercent).Select(number => number + 1L));
    }

    [PostgresFact]
    public async Task Where_nearly_all_are_wanted_the_server_is_not_asked_to_compare_types()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var source = await SeedAsync(database, number => number % 100 == 0 ? "unwanted" : "wanted");
        await using var connection = await database.DataSource.OpenConnectionAsync();

        var layout = await new Layout.EventTableInspection(connection, EventTableMapping.Marten()).RunAsync(CancellationToken.None);

        layout.Copy(0, Events, EventFilter.OfTypes("wanted")).ShouldNotContain("'wanted'");
        layout.Copy(0, Events, EventFilter.OfTypes("unwanted")).ShouldContain("'unwanted'");
    }

    [PostgresFact]
    public async Task A_long_run_of_unwanted_events_takes_no_memory()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var source = await SeedAsync(
            database, number => number is > 1_000 and < 1_400 ? "unwanted" : "wanted", new PostgresEventSourceOptions { BatchBytes = 16 * 1024 }, padding: 1_000);

        var (positions, buffers) = await ReadAsync(source, "wanted");

        positions.Count.ShouldBe(Events - 399);
        buffers.Max().ShouldBeLessThanOrEqualTo(32 * 1024);
    }

    private static async Task<PostgresEventSource> SeedAsync(
        TestDatabase database, Func<int, string> typeOf, PostgresEventSourceOptions? options = null, int padding = 0)
    {
        var table = new MartenEventTable(database.DataSource);
        await table.CreateAsync();
        var body = $$"""{"padding":"{{new string('x', padding)}}"}""";
        await table.SeedAsync(Enumerable.Range(0, Events).Select(number => new MartenEvent(
            new StreamId(new Guid(number / 10, 0, 0, new byte[8])), (number % 10) + 1, typeOf(number), body, Start)));
        await using (var analyze = database.DataSource.CreateCommand("analyze mt_events"))
        {
            await analyze.ExecuteNonQueryAsync();
        }

        return await PostgresEventSource.OpenAsync(database.DataSource, EventTableMapping.Marten(), options);
    }

    private static async Task<(List<long> Positions, List<int> Buffers)> ReadAsync(PostgresEventSource source, params string[] types)
    {
        var positions = new List<long>();
        var buffers = new List<int>();
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, new EventPosition(Events), EventFilter.OfTypes(types), CancellationToken.None))
        {
            using (batch)
            {
                foreach (var recorded in batch.Events)
                {
                    positions.Add(recorded.Position.Major);
                    System.Runtime.InteropServices.MemoryMarshal.TryGetArray(recorded.Data, out var bytes).ShouldBeTrue();
                    buffers.Add(bytes.Array!.Length);
                }
            }
        }

        return (positions, buffers);
    }
}
