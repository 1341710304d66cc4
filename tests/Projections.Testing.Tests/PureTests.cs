using Projections.ReadModels.CustomerBalance.V1;
using Projections.ReadModels.CustomerMonthRevenue.V1;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.ReadModels.InvoiceSummary.V2;
using Projections.ReadModels.Invoicing;
using Projections.ReadModels.OpenItems.V1;
using Projections.Tables;

namespace Projections.Testing.Tests;

/// <summary>Handlers that are pure are never accused, whatever the history and whatever is left to chance.</summary>
public sealed class PureTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_read_models_are_never_accused(int seed)
    {
        Fold(new InvoiceSummaryV1(), seed);
        Fold(new InvoiceSummaryV2(), seed);
        Fold(new OpenItemsV1(), seed);
        Fold(new CustomerMonthRevenueV1(), seed);
        Fold(new CustomerBalanceV1(), seed);
    }

    private static void Fold<TKey, TRow>(TableProjection<TKey, TRow> version, int seed)
        where TKey : notnull
        where TRow : class, new()
    {
        var spec = ProjectionSpec.For(version).WithSeed(seed);
        foreach (var e in new InvoicingHistory(6) { Seed = seed, OpenAtOnce = 3, CorrectionsPerThousand = 500 }.Events())
        {
            spec.At(e.Time).GivenStored(e.Invoice, e.Type, System.Text.Encoding.UTF8.GetString(e.Data));
        }

        spec.ThenRows(_ => { });
    }
}
