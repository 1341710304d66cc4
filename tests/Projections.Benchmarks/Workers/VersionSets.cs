using System.Globalization;
using Projections.Benchmarks.Documents;
using Projections.Benchmarks.Entries.V1;
using Projections.Benchmarks.Partitions;
using Projections.Benchmarks.Seeds;
using Projections.Benchmarks.Together;
using Projections.Definitions;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.ReadModels.InvoiceSummary.V2;

namespace Projections.Benchmarks.Workers;

/// <summary>The versions that a measurement is about, by a name that parent and worker process share.</summary>
internal static class VersionSets
{
    public const string Invoices = "invoices";

    public const string Heavy = "heavy";

    public const string Documents = "documents";

    /// <summary>A live version, and one that begins with its rows.</summary>
    public const string Seeded = "seeded";

    /// <summary>The same, but the second one is replayed.</summary>
    public const string NotSeeded = "not-seeded";

    private const string TogetherName = "together";

    /// <summary>So many projections of the same shape; 1 has the name <c>entries</c>.</summary>
    public static string Entries(int count) => string.Create(CultureInfo.InvariantCulture, $"{EntriesV1.DefaultName}:{count}");

    /// <summary>So many projections of the shape of <c>invoice_summary</c>.</summary>
    public static string Together(int count) => string.Create(CultureInfo.InvariantCulture, $"{TogetherName}:{count}");

    public static ProjectionRegistry Of(string set) => set.Split(':') switch
    {
        [EntriesV1.DefaultName, var count] => ProjectionRegistry.Of(Enumerable.Range(0, int.Parse(count, CultureInfo.InvariantCulture)).Select(Numbered)),
        [TogetherName, var count] => ProjectionRegistry.Of(Enumerable.Range(1, int.Parse(count, CultureInfo.InvariantCulture)).Select(number => new NumberedInvoices(number))),
        [Documents] => ProjectionRegistry.Of(new InvoiceRows(), new InvoiceDocuments(generated: false), new InvoiceDocuments(generated: true)),
        [Seeded] => ProjectionRegistry.Of(new InvoiceSummaryV1(), new GrossInvoices(isSeeded: true)),
        [NotSeeded] => ProjectionRegistry.Of(new InvoiceSummaryV1(), new GrossInvoices(isSeeded: false)),
        [Heavy] => ProjectionRegistry.Of(new HeavyHandler(isByStream: true), new HeavyHandler(isByStream: false)),
        _ => ProjectionRegistry.Of(new InvoiceSummaryV1(), new InvoiceSummaryV2()),
    };

    private static EntriesV1 Numbered(int number) =>
        number == 0 ? new EntriesV1() : new EntriesV1(string.Create(CultureInfo.InvariantCulture, $"{EntriesV1.DefaultName}_{number}"));
}
