using System.Text.Json.Serialization;

namespace Projections.ReadModels.Invoicing;

/// <summary>How invoicing events are written as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(InvoiceIssued))]
[JsonSerializable(typeof(LineAdded))]
[JsonSerializable(typeof(LineAddedV1))]
[JsonSerializable(typeof(TaxApplied))]
[JsonSerializable(typeof(PaymentReceived))]
[JsonSerializable(typeof(InvoiceClosed))]
[JsonSerializable(typeof(CreditNoteIssued))]
[JsonSerializable(typeof(InvoiceCancelled))]
public sealed partial class InvoicingJson : JsonSerializerContext;
