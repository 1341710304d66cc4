using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.Events;
using Projections.ReadModels.Invoicing;
using Projections.Tables;

namespace Projections.Benchmarks.Entries.V1;

/// <summary>
/// One row an event, so that there are as many rows as events; and a payment goes back to the rows of the lines that it settles.
/// </summary>
/// <param name="name">Other names give further projections of the same shape.</param>
internal sealed class EntriesV1(string name = EntriesV1.DefaultName) : TableProjection<EntriesV1.Key, EntriesV1.Row>(name, 1, InvoicingEvents.Types)
{
    public const string DefaultName = "entries";

    // The invoice's first event is not a line.
    private const int BeforeLines = 1;

    public override VersionFiles Files
    {
        get
        {
            var files = base.Files;
            return files with { TableSql = Named(files.TableSql), IndexesSql = Named(files.IndexesSql!), DownSql = Named(files.DownSql) };
        }
    }

    protected override void Define(FoldDefinition<Key, Row> on)
    {
        on.Event<InvoiceIssued>().By(e => Own(e)).Creates((row, e) => row.Fill(e.Type, e.Time, 0));
        on.Event<LineAdded>().By(e => Own(e)).Creates((row, e) => row.Fill(e.Type, e.Time, e.Data.Net));
        on.Event<TaxApplied>().By(e => Own(e)).Creates((row, e) => row.Fill(e.Type, e.Time, e.Data.Amount));
        on.Event<PaymentReceived>().By(e => Own(e)).Creates((row, e) => row.Fill(e.Type, e.Time, e.Data.Amount));
        on.Event<PaymentReceived>()
            .ByEach(e => e.Data.SettledLines, (e, line) => new Key(e.Stream.Guid, line + BeforeLines))
            .Updates((row, _, _) => row.Settled = true, WhenMissing.Fail);
        on.Event<InvoiceClosed>().By(e => Own(e)).Creates((row, e) => row.Fill(e.Type, e.Time, 0));
    }

    private static Key Own<T>(in Event<T> e) => new(e.Stream.Guid, (int)e.StreamVersion);

    private string Named(string sql) => sql.Replace($"{DefaultName}_v1", Id.Table, StringComparison.Ordinal);

    internal readonly record struct Key(Guid Invoice, int Entry);

    internal sealed class Row
    {
        [Key]
        public Guid Invoice { get; set; }

        [Key]
        public int Entry { get; set; }

        public string Kind { get; set; } = "";

        public DateTime At { get; set; }

        public decimal Amount { get; set; }

        public bool Settled { get; set; }

        public void Fill(string kind, DateTime at, decimal amount)
        {
            Kind = kind;
            At = at;
            Amount = amount;
        }
    }
}
