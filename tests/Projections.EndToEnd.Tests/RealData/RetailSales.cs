using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;

namespace Projections.EndToEnd.RealData;

/// <summary>A line of an invoice, of a cancellation or of a bad debt's adjustment; the log's fields are text.</summary>
internal sealed record RetailLine(
    string StockCode, int Quantity, decimal Price, [property: JsonPropertyName("Customer ID")] string? Customer = null);

[JsonSerializable(typeof(RetailLine))]
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowReadingFromString)]
internal sealed partial class RetailJson : JsonSerializerContext;

internal static class RetailEvents
{
    public static EventTypes Types { get; } = EventTypes.Create(types => types
        .Using(RetailJson.Default)
        .Map<RetailLine>("LineInvoiced")
        .Map<RetailLine>("LineCancelled")
        .Map<RetailLine>("BadDebtAdjusted"));

    public static VersionFiles Files(string projection, int number, string columns) => new(
        $"tests/{projection}/V{number}",
        $"create table {projection}_v{number} ({columns})",
        null,
        $"drop table {projection}_v{number}",
        new string((char)('0' + number), 64));
}

/// <summary>What each customer bought. Lines without a customer stand under the empty name.</summary>
internal sealed class CustomerSalesV1() : TableProjection<string, CustomerSalesV1.Row>("customer_sales", 1, RetailEvents.Types)
{
    public override VersionFiles Files => RetailEvents.Files("customer_sales", 1, "customer text primary key, net numeric not null");

    protected override void Define(FoldDefinition<string, Row> on) =>
        on.Event<RetailLine>().By(e => e.Data.Customer ?? "").Upserts((row, e) => row.Net += e.Data.Quantity * e.Data.Price);

    public sealed class Row
    {
        [Key]
        public string Customer { get; set; } = "";

        public decimal Net { get; set; }
    }
}

/// <summary>As v1, with the number of lines and of pieces.</summary>
internal sealed class CustomerSalesV2() : TableProjection<string, CustomerSalesV2.Row>("customer_sales", 2, RetailEvents.Types)
{
    public override VersionFiles Files => RetailEvents.Files(
        "customer_sales", 2, "customer text primary key, net numeric not null, lines bigint not null, quantity bigint not null");

    protected override void Define(FoldDefinition<string, Row> on) =>
        on.Event<RetailLine>().By(e => e.Data.Customer ?? "").Upserts((row, e) =>
        {
            row.Net += e.Data.Quantity * e.Data.Price;
            row.Lines++;
            row.Quantity += e.Data.Quantity;
        });

    public sealed class Row
    {
        [Key]
        public string Customer { get; set; } = "";

        public decimal Net { get; set; }

        public long Lines { get; set; }

        public long Quantity { get; set; }
    }
}

/// <summary>What became of each stock code; codes differ by letter case, too.</summary>
internal sealed class StockMovementV1() : TableProjection<string, StockMovementV1.Row>("stock_movement", 1, RetailEvents.Types)
{
    public override VersionFiles Files => RetailEvents.Files("stock_movement", 1, "code text primary key, lines bigint not null, quantity bigint not null");

    protected override void Define(FoldDefinition<string, Row> on) =>
        on.Event<RetailLine>().By(e => e.Data.StockCode).Upserts((row, e) =>
        {
            row.Lines++;
            row.Quantity += e.Data.Quantity;
        });

    public sealed class Row
    {
        [Key]
        public string Code { get; set; } = "";

        public long Lines { get; set; }

        public long Quantity { get; set; }
    }
}
