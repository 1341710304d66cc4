using System.Text.Json;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;

namespace Projections.Reactions;

/// <summary>
/// Messages that follow from events of a projection, and from what the events did to its rows: the mail to be sent, the shop to be told. Each event
/// has its messages once, whatever becomes of the projection's versions: they are committed with the rows of the live version, and replays,
/// repairs, dry runs and versions beside the live one give none. What is declared is pure, as handlers are: no clock, no randomness, nothing
/// but the event and the row.
/// </summary>
/// <example><code>
/// public sealed class ReceiptMail() : Reaction&lt;ReceiptMail.Invoice&gt;("invoice_summary", "receipt_mail", Invoicing.Types)
/// {
///     protected override void Define(ReactionDefinition&lt;Invoice&gt; on) =>
///         on.Event&lt;PaymentReceived&gt;().Sends((e, before, after) =>
///             before?.Status != "paid" &amp;&amp; after?.Status == "paid" ? new SendReceipt(after.InvoiceId, after.Customer) : null);
///
///     public sealed record Invoice(Guid InvoiceId, string Customer, string Status);
/// }
/// </code></example>
/// <typeparam name="TRow">The columns that it needs: each public property is one of its name in snake case, unless <c>[Column]</c> says otherwise, and
/// has the type that it has in the row types of the versions. A record, or a class with settable properties.</typeparam>
public abstract class Reaction<TRow> : Reaction
    where TRow : class
{
    private readonly EventTypes _types;
    private readonly Lazy<Declared> _declared;

    /// <param name="projection">The projection's name, such as <c>invoice_summary</c>.</param>
    /// <param name="name">The reaction's own name, such as <c>receipt_mail</c>.</param>
    /// <param name="types">The event types that <see cref="Define"/> speaks of.</param>
    protected Reaction(string projection, string name, EventTypes types)
        : base(projection, name)
    {
        _types = types;
        _declared = new(Declare);
    }

    public sealed override IReadOnlySet<string> EventTypeNames => _declared.Value.Names;

    internal sealed override IReadOnlyDictionary<string, Type> Messages => _declared.Value.Messages;

    /// <summary>How messages become JSON where they wait to be passed on, and come back. The default is camel case by reflection.</summary>
    protected virtual JsonSerializerOptions Json => DocumentJson.Default;

    /// <summary>Says what follows from which events.</summary>
    protected abstract void Define(ReactionDefinition<TRow> on);

    internal sealed override IReadOnlyList<string> FindProblems()
    {
        var problems = new List<string>(EventTypeProblems.Of(_declared.Value.Events.Select(e => e.EventType), _types));
        problems.AddRange(_declared.Value.Events.Where(e => !e.SendsAny).Select(e => $"{TypeName.Of(e.EventType)} is declared, but nothing follows from it. Say what does: Sends or SendsEach."));
        problems.AddRange(ReactionRow<TRow>.Problems);
        return problems;
    }

    internal sealed override IReadOnlyList<string> MisfitsOf(ProjectionVersion version)
    {
        if (version.RowProperties is not { } properties)
        {
            return [$"{version.Id} is made of SQL statements, which tell nobody what a row was before an event and after it."];
        }

        var unhandled = EventTypeNames.Except(version.EventTypeNames).Order(StringComparer.Ordinal).ToList();
        return
        [
            .. unhandled.Count == 0 ? [] : new[] { $"{version.Id} does not handle {string.Join(", ", unhandled.Select(name => $"'{name}'"))}, so that no row of it tells what came of such an event." },
            .. ReactionRow<TRow>.MisfitsOf(version.Id, properties),
        ];
    }

    internal sealed override IRowReaction Over(ProjectionVersion version) => new Rows(this, ReactionRow<TRow>.Of(version.RowProperties!));

    internal sealed override IReadOnlyList<ReactionMessage> ReactAgain(in RecordedEvent recorded, string? before, string? after) =>
        React([recorded], 0, Parse(before), Parse(after));

    internal sealed override object Read(ReactionMessage message) =>
        JsonSerializer.Deserialize(message.Body, Messages[message.Type], Json) ?? throw new JsonException($"The message of {this} is null.");

    private List<ReactionMessage> React(RecordedEvent[] batch, int index, TRow? before, TRow? after)
    {
        var messages = new List<ReactionMessage>();
        foreach (var (type, body) in _declared.Value.Routes[batch[index].Type].React(batch, index, before, after))
        {
            messages.Add(new ReactionMessage(NameOf(type), JsonSerializer.Serialize(body, type, Json)));
        }

        return messages;
    }

    private TRow? Parse(string? row) => row is null ? null : JsonSerializer.Deserialize<TRow>(row, DocumentJson.Default);

    private Declared Declare()
    {
        var definition = new ReactionDefinition<TRow>();
        Define(definition);
        var routes = new Dictionary<string, ReactionRoute<TRow>>(StringComparer.Ordinal);
        foreach (var e in definition.Events)
        {
            foreach (var name in _types.NamesOf(e.EventType))
            {
                routes.Add(name, e.Route(_types, name));
            }
        }

        return new Declared(
            definition.Events, routes, routes.Keys.ToHashSet(StringComparer.Ordinal), definition.Events.SelectMany(e => e.MessageTypes).Distinct().ToDictionary(NameOf, StringComparer.Ordinal));
    }

    private static string NameOf(Type type) => type.FullName!;

    private sealed record Declared(
        IReadOnlyCollection<IReactionEventDefinition<TRow>> Events,
        IReadOnlyDictionary<string, ReactionRoute<TRow>> Routes,
        IReadOnlySet<string> Names,
        IReadOnlyDictionary<string, Type> Messages);

    private sealed class Rows(Reaction<TRow> reaction, Func<object, TRow> see) : IRowReaction
    {
        public IReadOnlyList<ReactionMessage> React(RecordedEvent[] batch, int index, object? before, object? after) =>
            reaction.React(batch, index, See(before), See(after));

        public string? Describe(object? row) => See(row) is { } seen ? JsonSerializer.Serialize(seen, DocumentJson.Default) : null;

        private TRow? See(object? row) => row is null ? null : see(row);
    }
}
