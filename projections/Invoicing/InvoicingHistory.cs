using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Projections.ReadModels.Invoicing;

/// <summary>
/// A made-up history of invoices for demo, tests and benchmark: the same for the same settings, everywhere. An invoice has
/// ten events (issued, six lines, tax, payment, closed), and many are open at a time, so that streams are interleaved as
/// they are in life.
/// </summary>
public sealed record InvoicingHistory(int Invoices)
{
    private const int Lines = 6;
    private const int Customers = 500;
    private static readonly string[] Products = ["Bolt M8", "Nut M8", "Washer 8 mm", "Threaded rod 1 m", "Anchor 10x80", "Wood screw 5x60", "Hinge 60", "Bracket 90"];
    private static readonly string[] Methods = ["transfer", "card", "direct debit"];

    /// <summary>Another seed gives another history. The default is 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How many invoices are open at a time. The default is 5,000.</summary>
    public int OpenAtOnce { get; init; } = 5_000;

    /// <summary>
    /// How many of a thousand invoices are cancelled instead of paid, and how many of those paid get a credit note. The default
    /// is 0: every stream has its ten events.
    /// </summary>
    public int CorrectionsPerThousand { get; init; }

    /// <summary>When the first event happened. The default is the beginning of 2024.</summary>
    public DateTime Start { get; init; } = new(2024, 1, 1, 8, 0, 0, DateTimeKind.Utc);

    /// <summary>The history, in order. Made while it is read; nothing is kept of what was read.</summary>
    public IEnumerable<InvoicingEvent> Events()
    {
        var dice = new Dice((ulong)Seed);
        var time = Start;
        var open = new List<Invoice>();
        for (var issued = 0; issued < Invoices || open.Count > 0;)
        {
            if (issued < Invoices && open.Count < OpenAtOnce && (open.Count < OpenAtOnce / 2 || dice.Below(10) == 0))
            {
                issued++;
                open.Add(new Invoice(dice.Guid(), issued, Customer(ref dice), Fate(ref dice)));
            }

            var chosen = dice.Below(open.Count);
            time = time.AddMilliseconds(200 + dice.Below(2_000));
            var next = open[chosen].Next(ref dice, time);
            if (open[chosen].IsDone)
            {
                open[chosen] = open[^1];
                open.RemoveAt(open.Count - 1);
            }

            yield return next;
        }
    }

    private static string Customer(ref Dice dice) => string.Create(CultureInfo.InvariantCulture, $"customer-{dice.Below(Customers):d4}");

    private Fate Fate(ref Dice dice) => dice.Below(1000) >= CorrectionsPerThousand
        ? Invoicing.Fate.Paid
        : dice.Below(2) == 0 ? Invoicing.Fate.Cancelled : Invoicing.Fate.Credited;

    /// <summary>An invoice on its way through its events.</summary>
    private sealed class Invoice(Guid id, int number, string customer, Fate fate)
    {
        private int _version;
        private int _lines;
        private decimal _net;
        private decimal _tax;
        private decimal _lastLine;

        public bool IsDone { get; private set; }

        public InvoicingEvent Next(ref Dice dice, DateTime time)
        {
            _version++;
            return _version switch
            {
                1 => Make(time, InvoicingEvents.InvoiceIssued, Issue(time), InvoicingJson.Default.InvoiceIssued),
                <= 1 + Lines => Make(time, InvoicingEvents.LineAdded, AddLine(ref dice), InvoicingJson.Default.LineAdded),
                2 + Lines when fate == Invoicing.Fate.Cancelled => Make(time, InvoicingEvents.InvoiceCancelled, Cancel(), InvoicingJson.Default.InvoiceCancelled),
                2 + Lines => Make(time, InvoicingEvents.TaxApplied, Tax(), InvoicingJson.Default.TaxApplied),
                3 + Lines => Make(time, InvoicingEvents.PaymentReceived, Pay(ref dice), InvoicingJson.Default.PaymentReceived),
                4 + Lines => Make(time, InvoicingEvents.InvoiceClosed, Close(), InvoicingJson.Default.InvoiceClosed),
                _ => Make(time, InvoicingEvents.CreditNoteIssued, Credit(), InvoicingJson.Default.CreditNoteIssued),
            };
        }

        private InvoiceIssued Issue(DateTime time) => new(
            string.Create(CultureInfo.InvariantCulture, $"R-{number:d8}"), customer, "EUR", DateOnly.FromDateTime(time).AddDays(30));

        private LineAdded AddLine(ref Dice dice)
        {
            var line = new LineAdded(++_lines, Products[dice.Below(Products.Length)], 1 + dice.Below(20), (100 + dice.Below(9_900)) / 100m);
            _lastLine = line.Net;
            _net += line.Net;
            return line;
        }

        private InvoiceCancelled Cancel()
        {
            IsDone = true;
            return new InvoiceCancelled("ordered twice", AllLines());
        }

        private TaxApplied Tax()
        {
            _tax = Math.Round(_net * 0.19m, 2, MidpointRounding.AwayFromZero);
            return new TaxApplied(0.19m, _tax);
        }

        private PaymentReceived Pay(ref Dice dice) => new(_net + _tax, Methods[dice.Below(Methods.Length)], AllLines());

        private InvoiceClosed Close()
        {
            IsDone = fate != Invoicing.Fate.Credited;
            return new InvoiceClosed(customer, _net, _tax);
        }

        private CreditNoteIssued Credit()
        {
            IsDone = true;
            return new CreditNoteIssued(customer, [new CreditedLine(_lines, _lastLine)]);
        }

        private int[] AllLines() => [.. Enumerable.Range(1, _lines)];

        private InvoicingEvent Make<T>(DateTime time, string type, T data, JsonTypeInfo<T> shape) =>
            new(id, _version, type, JsonSerializer.SerializeToUtf8Bytes(data, shape), time);
    }
}
