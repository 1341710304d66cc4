using Projections.Definitions;
using Projections.Events;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.ReadModels.InvoiceSummary.V2;
using Projections.Testing;
using Projections.TestServers;
using Projections.Verification;

namespace Projections.EndToEnd.Aggregates;

/// <summary>Documents in all that a version goes through: replay, following, comparison, explanation, repair and switch.</summary>
public sealed class AggregateTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly ProjectionName Name = new("invoices");

    private const string PartedFromRows =
        """
        select count(*)
        from invoices as i full join invoice_summary_v2 as s on s.invoice_id = i.key
        where i.key is null or s.invoice_id is null or i.data->>'id' <> s.invoice_id::text or i.data->>'customer' <> s.customer
            or (i.data->>'paid')::numeric <> s.paid or (i.data->>'closed')::boolean <> (s.status = 'Closed')
            or (select coalesce(sum(line.value::numeric), 0) from jsonb_each_text(i.data->'lines') as line) <> s.net
        """;

    [PostgresTheory]
    [InlineData(512)]
    [InlineData(201)]
    public async Task Aggregates_come_to_the_same_as_rows_however_they_were_written_and_whatever_is_done_with_them(int megabytes)
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedAsync(3_000);
        // The smaller one leaves room for some thousand documents, so that they are evicted and loaded again.
        var system = await world.OpenAsync(
            ProjectionRegistry.Of(new InvoiceSummaryV1(), new InvoiceSummaryV2(), new Invoices(1), new Invoices(2)),
            options => options.MemoryLimitMegabytes = megabytes);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "invoices", 1);
        await world.BuildAsync(system, "invoice_summary", 2);
        (await world.Database.ScalarAsync<long>(PartedFromRows)).ShouldBe(0);

        var invoice = await world.Database.ScalarAsync<Guid>("select key from invoices order by key limit 1");
        for (var payment = 1; payment <= 50; payment++)
        {
            await world.Store.AppendAsync(new StreamId(invoice), [("payment_received", $$"""{"amount":{{payment}},"method":"card","settledLines":[]}""")], "invoice");
        }

        await world.EventuallyAsync($"select (version >= 50)::text || (data->>'paid' = (select paid::text from invoice_summary_v2 where invoice_id = key)) from invoices where key = '{invoice}'", "truetrue");
        await world.EventuallyAsync(PartedFromRows, 0L);
        await world.BuildAsync(system, "invoices", 2);
        (await VerifyAsync(system)).Agrees.ShouldBeTrue();
        (await new VerifyAgainstEvents(system).RunAsync(Name, 1, 1, CancellationToken.None)).Result.Agrees.ShouldBeTrue();

        await world.Database.ExecuteAsync($$"""update invoices_v2 set data = data || '{"paid": 0.5}' where key = '{{invoice}}'""");
        (await VerifyAsync(system)).Differing.ShouldBe(1);
        var explained = await new Explain(system).RunAsync(Name, invoice.ToString(), null, null, CancellationToken.None);
        explained.Steps[^1].Rows.Select(row => row.Row).Distinct().ShouldHaveSingleItem().ShouldBe(explained.Stored[0].Row);
        (await new Repair(system).RunAsync(Name, 2, new RepairScope { Keys = [invoice.ToString()] }, World.Anybody, null, CancellationToken.None)).Keys.ShouldBe(1);
        (await VerifyAsync(system)).Agrees.ShouldBeTrue();
        await World.SwitchAsync(system, "invoices", 2);
        (await world.Database.ScalarAsync<long>(PartedFromRows)).ShouldBe(0);
    }

    private static async Task<ComparisonResult> VerifyAsync(ProjectionSystem system) =>
        (await new Verify(system).RunAsync(Name, null, null, TimeSpan.FromSeconds(30), World.Anybody, CancellationToken.None)).Result;
}
