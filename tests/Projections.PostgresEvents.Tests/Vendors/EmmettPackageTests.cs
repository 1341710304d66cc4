using System.Text.Json.Nodes;
using Npgsql;
using Projections.Events;
using Projections.Testing;

namespace Projections.PostgresEvents.Tests.Vendors;

/// <summary>Emmett's own code makes the tables and appends; our source reads what Emmett reads.</summary>
[Collection(nameof(NpmPackages))]
public sealed class EmmettPackageTests(NpmPackages packages)
{
    private const string Script =
        """
        import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';

        const store = getPostgreSQLEventStore(process.argv[2]);
        await store.schema.migrate();
        const issued = (n) => ({ type: 'InvoiceIssued', data: { n, text: 'żółć 東京 "quoted"', lines: [1, 2.5] }, metadata: { by: 'ana' } });
        const paid = (n) => ({ type: 'InvoicePaid', data: { n, paidAt: '2026-01-01' } });
        await store.appendToStream('invoice-1', [issued(1), paid(2)]);
        await store.appendToStream('order-1', [{ type: 'OrderPlaced', data: { n: 3 } }]);
        await store.appendToStream('invoice-1', [paid(4)]);
        for (const stream of ['invoice-1', 'order-1']) {
            for (const event of (await store.readStream(stream)).events) {
                const { streamName, streamPosition, globalPosition } = event.metadata;
                console.log(JSON.stringify({
                    streamName, type: event.type, data: event.data, by: event.metadata.by ?? null,
                    streamPosition: Number(streamPosition), globalPosition: Number(globalPosition),
                }));
            }
        }
        await store.close();
        """;

    [VendorFact]
    public async Task What_Emmett_appended_is_read_as_Emmett_reads_it()
    {
        await using var database = await PostgresForTests.CreateDatabaseAsync("emmett");
        var theirs = RunScript(database);
        await using var source = await PostgresEventSource.OpenAsync(database.DataSource, EventTableMapping.Emmett());

        var ours = await VendorEvent.ReadAsync(source, EventFilter.All);

        theirs.Count.ShouldBe(4);
        ours.Select(read => read with { Metadata = "" }).ShouldBe(theirs.Select(read => read with { Metadata = "" }));
        ours[0].Metadata.ShouldContain("\"by\":\"ana\"");
        (await VendorEvent.ReadAsync(source, new EventFilter(Category: "order"))).ShouldBe([ours[2]]);
    }

    private List<VendorEvent> RunScript(TestDatabase database)
    {
        var script = Path.Combine(packages.Folder, "append.mjs");
        File.WriteAllText(script, Script);
        return
        [
            .. packages.Run("node", [script, UriOf(database)])
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(line => line.StartsWith('{'))
                .Select(line => Parse(JsonNode.Parse(line)!))
                .OrderBy(read => read.Position),
        ];
    }

    private static VendorEvent Parse(JsonNode line) => new(
        (string)line["streamName"]!,
        (long)line["streamPosition"]!,
        (long)line["globalPosition"]!,
        (string)line["type"]!,
        VendorEvent.Normal(line["data"]),
        VendorEvent.Normal(line["by"]));

    private static string UriOf(TestDatabase database)
    {
        var connection = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        return $"postgres://{Uri.EscapeDataString(connection.Username!)}:{Uri.EscapeDataString(connection.Password ?? "")}@{connection.Host}:{connection.Port}/{connection.Database}";
    }
}
