using Npgsql;
using NpgsqlTypes;
using Projections.Benchmarks.Entries.V1;
using Projections.ReadModels.Invoicing;

namespace Projections.Benchmarks.Floor;

/// <summary>The floor of <see cref="EntriesV1"/>, with all rows in memory.</summary>
internal sealed class PlainEntries : PlainReplay<EntriesV1.Key, EntriesV1.Row>
{
    private static readonly EntriesV1 Version = new();

    public override string Table => "plain_entries";

    protected override string CreateTableSql => Named(Version.Files.TableSql);

    protected override string CreateIndexesSql => Named(Version.Files.IndexesSql!);

    protected override void Fold(Guid stream, long version, string type, byte[] data, DateTime time)
    {
        var row = new EntriesV1.Row { Invoice = stream, Entry = (int)version };
        Rows.Add(new EntriesV1.Key(stream, (int)version), row);
        switch (type)
        {
            case InvoicingEvents.InvoiceIssued:
                Decode(data, Json.InvoiceIssued);
                row.Fill(type, time, 0);
                break;
            case InvoicingEvents.LineAdded:
                row.Fill(type, time, Decode(data, Json.LineAdded).Net);
                break;
            case InvoicingEvents.TaxApplied:
                row.Fill(type, time, Decode(data, Json.TaxApplied).Amount);
                break;
            case InvoicingEvents.PaymentReceived:
                var payment = Decode(data, Json.PaymentReceived);
                row.Fill(type, time, payment.Amount);
                foreach (var line in payment.SettledLines)
                {
                    Rows[new EntriesV1.Key(stream, line + 1)].Settled = true;
                }

                break;
            case InvoicingEvents.InvoiceClosed:
                Decode(data, Json.InvoiceClosed);
                row.Fill(type, time, 0);
                break;
        }
    }

    protected override void Write(NpgsqlBinaryImporter copy, EntriesV1.Row row)
    {
        copy.Write(row.Invoice, NpgsqlDbType.Uuid);
        copy.Write(row.Entry, NpgsqlDbType.Integer);
        copy.Write(row.Kind, NpgsqlDbType.Text);
        copy.Write(row.At, NpgsqlDbType.TimestampTz);
        copy.Write(row.Amount, NpgsqlDbType.Numeric);
        copy.Write(row.Settled, NpgsqlDbType.Boolean);
    }

    private string Named(string sql) => sql.Replace(Version.Id.Table, Table, StringComparison.Ordinal);
}
