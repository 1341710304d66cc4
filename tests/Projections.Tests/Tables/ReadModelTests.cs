using Projections.Definitions;
using Projections.Events;
using Projections.ReadModels.CustomerBalance.V1;
using Projections.ReadModels.CustomerMonthRevenue.V1;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.ReadModels.InvoiceSummary.V2;
using Projections.ReadModels.Invoicing;
using Projections.ReadModels.OpenItems.V1;
using Projections.ReadModels.PaymentQueue.V1;
using Projections.Tables;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Tests.Tables;

public sealed class ReadModelTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly RecordedEvent[] History =
    [
        .. new InvoicingHistory(400) { OpenAtOnce = 40, CorrectionsPerThousand = 100 }.Events().Take(3_000).Select((e, i) => new RecordedEvent
        {
            Position = new EventPosition(i + 1),
            Stream = new StreamId(e.Invoice),
            StreamVersion = e.StreamVersion,
            Type = e.Type,
            Data = e.Data,
            Time = e.Time,
        }),
    ];

    public static TheoryData<Type> Versions =>
        [typeof(CustomerBalanceV1), typeof(InvoiceSummaryV1), typeof(InvoiceSummaryV2), typeof(CustomerMonthRevenueV1), typeof(OpenItemsV1), typeof(PaymentQueueV1)];

    [Fact]
    public void The_example_read_models_are_declared_soundly()
    {
        var registry = ProjectionRegistry.FromAssemblies(typeof(InvoiceSummaryV1).Assembly);

        registry.Errors.ShouldBeEmpty();
        registry.Versions.Select(version => version.Id.ToString())
            .ShouldBe(["customer_balance v1", "customer_month_revenue v1", "invoice_summary v1", "invoice_summary v2", "open_items v1", "payment_queue v1"]);
    }

    [PostgresFact]
    public async Task Their_tables_are_what_their_row_types_say()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync();
        var registry = ProjectionRegistry.FromAssemblies(typeof(InvoiceSummaryV1).Assembly);

        var errors = await TableContract.FindErrorsAsync(connection, registry.Versions, CancellationToken.None);

        errors.ShouldBeEmpty();
    }

    [PostgresTheory]
    [MemberData(nameof(Versions))]
    public async Task A_table_is_the_same_however_often_it_is_written_and_forgotten(Type type)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var version = (ProjectionVersion)Activator.CreateInstance(type)!;
        await using var table = await VersionTable.CreateAsync(database, version);
        using (var atOnce = table.Open())
        {
            await table.FoldAsync(atOnce, History);
            await table.CommitAsync(atOnce);
        }

        var expected = await table.RowsAsync();
        expected.ShouldNotBeEmpty();
        await table.ExecuteAsync($"truncate {version.Id.Table}");
        using var inSteps = table.Open(memoryBytes: 60_000);
        var step = 0;
        foreach (var batch in History.Chunk(97))
        {
            await table.FoldAsync(inSteps, batch);
            await table.CommitAsync(inSteps);
            if (++step % 10 == 0)
            {
                inSteps.Forget();
            }
        }

        (await table.RowsAsync()).ShouldBe(expected);
    }

    [PostgresFact]
    public async Task The_unpaid_invoices_of_a_customer_are_numbered_without_gaps_in_the_order_in_which_they_were_issued()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new PaymentQueueV1());
        using var fold = table.Open();

        await table.FoldAsync(fold, History);
        await table.CommitAsync(fold);

        (await database.ScalarAsync<int>("select max(place) from payment_queue_v1")).ShouldBeGreaterThan(1);
        (await database.ScalarAsync<long>("select count(*) from (select place, row_number() over (partition by customer order by number) as counted from payment_queue_v1) as places where place <> counted")).ShouldBe(0);
    }
}
