using System.Text.Json.Nodes;
using Npgsql;
using Projections.Events;
using Projections.Testing;

namespace Projections.PostgresEvents.Tests.Vendors;

/// <summary>message-db's own scripts make the tables and functions, its functions write; our source reads what its functions read.</summary>
[Collection(nameof(NpmPackages))]
public sealed class MessageDbPackageTests(NpmPackages packages)
{
    [VendorFact]
    public async Task What_message_db_wrote_is_read_as_message_db_reads_it()
    {
        await using var database = await PostgresForTests.CreateDatabaseAsync("message_db");
        Install(database);
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await WriteAsync(connection, "invoice-1", "InvoiceIssued", """{"n": 1, "text": "żółć 東京 \"quoted\"", "lines": [1, 2.5]}""", """{"by": "ana"}""");
        await WriteAsync(connection, "invoice-1", "InvoicePaid", """{"n": 2}""", """{"by": "ben"}""");
        await WriteAsync(connection, "order-1", "OrderPlaced", """{"n": 3}""", """{"by": "ana"}""");
        await WriteAsync(connection, "invoice-1", "InvoiceClosed", """{"n": 4}""", """{"by": "ana"}""");
        await using var source = await PostgresEventSource.OpenAsync(database.DataSource, EventTableMapping.MessageDb());

        var invoices = await VendorEvent.ReadAsync(source, new EventFilter(Category: "invoice"));
        var orders = await VendorEvent.ReadAsync(source, new EventFilter(Category: "order"));

        invoices.Count.ShouldBe(3);
        invoices.ShouldBe(await CategoryAsync(connection, "invoice"));
        orders.Count.ShouldBe(1);
        orders.ShouldBe(await CategoryAsync(connection, "order"));
        (await VendorEvent.ReadAsync(source, EventFilter.All)).ShouldBe([.. invoices.Concat(orders).OrderBy(read => read.Position)]);
    }

    private void Install(TestDatabase database)
    {
        var connection = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        packages.Run(
            "bash",
            ["node_modules/@eventide/message-db/database/install.sh"],
            ("CREATE_DATABASE", "off"),
            ("DATABASE_NAME", database.Name),
            ("PGHOST", connection.Host!),
            ("PGPORT", $"{connection.Port}"),
            ("PGUSER", connection.Username!),
            ("PGPASSWORD", connection.Password ?? ""));
    }

    private static async Task WriteAsync(NpgsqlConnection connection, string stream, string type, string data, string metadata)
    {
        await using var command = new NpgsqlCommand(
            """
            SET search_path TO message_store, public;
            SELECT write_message(gen_random_uuid()::varchar, @stream, @type, @data::jsonb, @metadata::jsonb);
            """,
            connection)
        {
            Parameters =
            {
                new("stream", stream),
                new("type", type),
                new("data", data),
                new("metadata", metadata),
            },
        };
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<VendorEvent>> CategoryAsync(NpgsqlConnection connection, string category)
    {
        await using var command = new NpgsqlCommand(
            "SELECT stream_name, position, global_position, type, data, metadata FROM get_category_messages($1)", connection)
            { Parameters = { new() { Value = category } } };
        await using var reader = await command.ExecuteReaderAsync();
        var read = new List<VendorEvent>();
        while (await reader.ReadAsync())
        {
            read.Add(new VendorEvent(
                reader.GetString(0),
                reader.GetInt64(1),
                reader.GetInt64(2),
                reader.GetString(3),
                VendorEvent.Normal(JsonNode.Parse(reader.GetString(4))),
                VendorEvent.Normal(JsonNode.Parse(reader.GetString(5)))));
        }

        return read;
    }
}
