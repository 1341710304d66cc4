using System.Text;
using Projections.ReadModels.CustomerBalance.V1;
using Projections.ReadModels.CustomerMonthRevenue.V1;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.ReadModels.InvoiceSummary.V2;
using Projections.ReadModels.Invoicing;
using Projections.ReadModels.OpenItems.V1;
using Projections.Tables;
using Projections.Testing;

namespace Projections.ReadModels.Tests;

/// <summary>Each version over a history of every kind of event, in the table that its own files make.</summary>
public sealed class InPostgresSpecs
{
    [InPostgresFact]
    public void Invoices_fit_their_table() => Fold(new InvoiceSummaryV1()).ThenRows(rows => rows.ShouldContain(row => row.Closed));

    [InPostgresFact]
    public void Invoices_with_their_status_fit_their_table() => Fold(new InvoiceSummaryV2()).ThenRows(rows => rows.ShouldContain(row => row.Status == InvoiceStatus.Closed));

    [InPostgresFact]
    public void Months_of_customers_fit_their_table() => Fold(new CustomerMonthRevenueV1()).ThenRows(rows => rows.Sum(row => row.CreditNotes).ShouldBePositive());

    [InPostgresFact]
    public void Balances_fit_their_table() => Fold(new CustomerBalanceV1()).ThenRows(rows => rows.ShouldAllBe(row => row.Invoices > 0));

    [InPostgresFact]
    public void Open_items_fit_their_table() => Fold(new OpenItemsV1()).ThenRows(rows => rows.ShouldNotBeEmpty());

    private static ProjectionSpec<TKey, TRow> Fold<TKey, TRow>(TableProjection<TKey, TRow> version)
        where TKey : notnull
        where TRow : class, new()
    {
        var spec = ProjectionSpec.For(version).InPostgres();
        foreach (var e in new InvoicingHistory(12) { OpenAtOnce = 4, CorrectionsPerThousand = 500 }.Events().SkipLast(25))
        {
            spec.At(e.Time).GivenStored(e.Invoice, e.Type, Encoding.UTF8.GetString(e.Data));
        }

        return spec;
    }
}
