using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;

namespace Projections.EndToEnd.RealData;

/// <summary>Any step of a fine's case; the log's fields are text.</summary>
/// <param name="Amount">What is due from now on, in euro.</param>
/// <param name="Expense">Cost added, in euro.</param>
/// <param name="PaymentAmount">What was paid, in tenths of a euro.</param>
internal sealed record FineStep(decimal? Amount = null, decimal? Expense = null, decimal? PaymentAmount = null);

[JsonSerializable(typeof(FineStep))]
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
internal sealed partial class FineJson : JsonSerializerContext;

internal static class FineEvents
{
    public const string Payment = "Payment";

    public static readonly string[] Activities =
    [
        "Create Fine", "Send Fine", "Insert Fine Notification", "Add penalty", Payment, "Send for Credit Collection",
        "Insert Date Appeal to Prefecture", "Send Appeal to Prefecture", "Receive Result Appeal from Prefecture",
        "Notify Result Appeal to Offender", "Appeal to Judge",
    ];

    public static EventTypes Types { get; } = EventTypes.Create(types =>
    {
        types.Using(FineJson.Default);
        foreach (var activity in Activities)
        {
            types.Map<FineStep>(activity);
        }
    });

    public static VersionFiles Files(int number, string columns) => new(
        $"tests/Fines/V{number}",
        $"create table fine_v{number} (fine text primary key, {columns})",
        $"create index on fine_v{number} (status)",
        $"drop table fine_v{number}",
        new string((char)('0' + number), 64));
}

/// <summary>What a fine amounts to, and where its case stands.</summary>
internal sealed class FineV1() : TableProjection<string, FineV1.Row>("fine", 1, FineEvents.Types)
{
    public override VersionFiles Files => FineEvents.Files(1, "amount numeric not null, status text not null");

    protected override void Define(FoldDefinition<string, Row> on) =>
        on.Event<FineStep>().ByStream().Upserts((row, e) =>
        {
            row.Amount = e.Data.Amount ?? row.Amount;
            row.Status = e.Type;
        });

    public sealed class Row
    {
        [Key]
        public string Fine { get; set; } = "";

        public decimal Amount { get; set; }

        public string Status { get; set; } = "";
    }
}

/// <summary>As v1, with what was added, what was paid and what is still due.</summary>
internal sealed class FineV2() : TableProjection<string, FineV2.Row>("fine", 2, FineEvents.Types)
{
    public override VersionFiles Files => FineEvents.Files(
        2, "amount numeric not null, status text not null, expense numeric not null, paid numeric not null, outstanding numeric not null, payments integer not null, steps integer not null");

    protected override void Define(FoldDefinition<string, Row> on) =>
        on.Event<FineStep>().ByStream().Upserts((row, e) =>
        {
            row.Amount = e.Data.Amount ?? row.Amount;
            row.Expense += e.Data.Expense ?? 0;
            row.Paid += (e.Data.PaymentAmount ?? 0) / 10;
            row.Outstanding = row.Amount + row.Expense - row.Paid;
            row.Payments += e.Type == FineEvents.Payment ? 1 : 0;
            row.Steps++;
            row.Status = e.Type;
        });

    public sealed class Row
    {
        [Key]
        public string Fine { get; set; } = "";

        public decimal Amount { get; set; }

        public string Status { get; set; } = "";

        public decimal Expense { get; set; }

        public decimal Paid { get; set; }

        public decimal Outstanding { get; set; }

        public int Payments { get; set; }

        public int Steps { get; set; }
    }
}
