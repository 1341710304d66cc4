using System.Text.Json;
using System.Text.Json.Serialization;
using Projections.Aggregates;
using Projections.Definitions;
using Projections.ReadModels.Invoicing;

namespace Projections.Benchmarks.Documents;

/// <summary>Invoices as aggregates, each a document.</summary>
/// <param name="generated">Whether the documents' JSON is source-generated.</param>
internal sealed class InvoiceDocuments(bool generated) : AggregateProjection<Invoice>(generated ? Generated : Reflected, 1, InvoicingEvents.Types)
{
    public const string Reflected = "invoice_documents";
    public const string Generated = "invoice_generated_documents";

    public override VersionFiles Files => new(
        $"Documents/{Id.Projection}",
        $"create table {Id.Table} (key uuid primary key, data jsonb not null, version bigint not null, updated_at timestamptz not null)",
        null,
        $"drop table {Id.Table}",
        "none");

    protected override JsonSerializerOptions Documents => generated ? InvoiceJson.Default.Options : base.Documents;
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Invoice))]
internal sealed partial class InvoiceJson : JsonSerializerContext;
