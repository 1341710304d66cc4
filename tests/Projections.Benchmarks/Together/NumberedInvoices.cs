using System.Globalization;
using Projections.Definitions;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.ReadModels.Invoicing;
using Projections.Tables;

namespace Projections.Benchmarks.Together;

/// <summary>One of many projections of the shape of <c>invoice_summary</c>: <c>invoices_1</c>, <c>invoices_2</c>, ….</summary>
internal sealed class NumberedInvoices(int number) : TableProjection<Guid, InvoiceSummaryV1.Row>(NameOf(number), 1, InvoicingEvents.Types)
{
    public override VersionFiles Files { get; } = Named(new InvoiceSummaryV1().Files, number);

    public static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"invoices_{number}");

    protected override void Define(FoldDefinition<Guid, InvoiceSummaryV1.Row> on)
    {
        on.Event<InvoiceIssued>().ByStream().Creates((row, e) => (row.Number, row.Customer, row.IssuedAt) = (e.Data.Number, e.Data.Customer, e.Time));
        on.Event<LineAdded>().ByStream().Updates((row, e) => (row.LineCount, row.Net) = (row.LineCount + 1, row.Net + e.Data.Net), WhenMissing.Fail);
        on.Event<TaxApplied>().ByStream().Updates((row, e) => row.Tax = e.Data.Amount, WhenMissing.Fail);
        on.Event<PaymentReceived>().ByStream().Updates((row, e) => row.Paid += e.Data.Amount, WhenMissing.Fail);
        on.Event<InvoiceClosed>().ByStream().Updates((row, _) => row.Closed = true, WhenMissing.Fail);
        on.Event<InvoiceCancelled>().ByStream().Deletes(WhenMissing.Fail);
    }

    private static VersionFiles Named(VersionFiles files, int number) =>
        files with { TableSql = Named(files.TableSql, number), IndexesSql = Named(files.IndexesSql!, number), DownSql = Named(files.DownSql, number) };

    private static string Named(string sql, int number) => sql.Replace("invoice_summary_v1", $"{NameOf(number)}_v1", StringComparison.Ordinal);
}
