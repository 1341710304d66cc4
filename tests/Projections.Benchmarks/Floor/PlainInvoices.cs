using Npgsql;
using NpgsqlTypes;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.ReadModels.Invoicing;

namespace Projections.Benchmarks.Floor;

/// <summary>The floor of <c>invoice_summary</c> v1.</summary>
internal sealed class PlainInvoices : PlainReplay<Guid, InvoiceSummaryV1.Row>
{
    private static readonly InvoiceSummaryV1 Version = new();

    public override string Table => "plain_invoices";

    protected override string CreateTableSql => Named(Version.Files.TableSql);

    protected override string CreateIndexesSql => Named(Version.Files.IndexesSql!);

    protected override void Fold(Guid stream, long version, string type, byte[] data, DateTime time)
    {
        switch (type)
        {
            case InvoicingEvents.InvoiceIssued:
                var issued = Decode(data, Json.InvoiceIssued);
                Rows.Add(stream, new InvoiceSummaryV1.Row { InvoiceId = stream, Number = issued.Number, Customer = issued.Customer, IssuedAt = time });
                break;
            case InvoicingEvents.LineAdded:
                var line = Decode(data, Json.LineAdded);
                var row = Rows[stream];
                row.LineCount++;
                row.Net += line.Net;
                break;
            case InvoicingEvents.TaxApplied:
                Rows[stream].Tax = Decode(data, Json.TaxApplied).Amount;
                break;
            case InvoicingEvents.PaymentReceived:
                Rows[stream].Paid += Decode(data, Json.PaymentReceived).Amount;
                break;
            case InvoicingEvents.InvoiceClosed:
                Decode(data, Json.InvoiceClosed);
                Rows[stream].Closed = true;
                break;
        }
    }

    protected override void Write(NpgsqlBinaryImporter copy, InvoiceSummaryV1.Row row)
    {
        copy.Write(row.InvoiceId, NpgsqlDbType.Uuid);
        copy.Write(row.Number, NpgsqlDbType.Text);
        copy.Write(row.Customer, NpgsqlDbType.Text);
        copy.Write(row.IssuedAt, NpgsqlDbType.TimestampTz);
        copy.Write(row.LineCount, NpgsqlDbType.Integer);
        copy.Write(row.Net, NpgsqlDbType.Numeric);
        copy.Write(row.Tax, NpgsqlDbType.Numeric);
        copy.Write(row.Paid, NpgsqlDbType.Numeric);
        copy.Write(row.Closed, NpgsqlDbType.Boolean);
    }

    private string Named(string sql) => sql.Replace(Version.Id.Table, Table, StringComparison.Ordinal);
}
