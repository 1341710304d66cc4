using System.Text.Json;
using Projections.Events;

namespace AcmeShop.ReadModels.Invoicing;

public sealed record InvoiceIssued(string Number, string Customer);

public sealed record LineAdded(string Product, int Quantity, decimal UnitPrice);

public sealed record InvoicePaid(decimal Amount);

/// <summary>The events of invoicing by their names in the store.</summary>
public static class InvoicingEvents
{
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web);

    public static EventTypes Types { get; } = EventTypes.Create(types => types
        .Using(Json)
        .Map<InvoiceIssued>("invoice_issued")
        .Map<LineAdded>("line_added")
        .Map<InvoicePaid>("invoice_paid"));
}
