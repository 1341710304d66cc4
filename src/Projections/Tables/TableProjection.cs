using System.Reflection;
using System.Text.Json;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Tables;

/// <summary>
/// A version whose table is a fold: each event creates, changes or deletes rows by key. The kind to start with.
/// Handlers are pure, so that a replay gives the same rows: no clock, no randomness, nothing but the row and the event.
/// </summary>
/// <example><code>
/// public sealed class OpenInvoicesV1() : TableProjection&lt;Guid, OpenInvoicesV1.Row&gt;("open_invoices", 1, Invoicing.Types)
/// {
///     protected override void Define(FoldDefinition&lt;Guid, Row&gt; on)
///     {
///         on.Event&lt;InvoiceIssued&gt;().ByStream().Creates((row, e) => row.Customer = e.Data.Customer);
///         on.Event&lt;LineAdded&gt;().ByStream().Updates((row, e) => row.Net += e.Data.Net, WhenMissing.Fail);
///         on.Event&lt;InvoiceClosed&gt;().ByStream().Deletes(WhenMissing.Fail);
///     }
///
///     public sealed class Row
///     {
///         [Key] public Guid InvoiceId { get; set; }
///         public string Customer { get; set; } = "";
///         public decimal Net { get; set; }
///     }
/// }
/// </code></example>
/// <typeparam name="TKey">What identifies a row: the type of the row's <c>[Key]</c> property, or a record struct of all of them in order.</typeparam>
/// <typeparam name="TRow">The row: a class with a parameterless constructor, folded in place. Its members are flat values; an
/// array is replaced, never changed in place. A member of any other class that says <c>[Column(TypeName = "jsonb")]</c> is a
/// document: handlers change it as they like, and it becomes JSON once a write.</typeparam>
public abstract class TableProjection<TKey, TRow> : ProjectionVersion
    where TKey : notnull
    where TRow : class, new()
{
    private readonly EventTypes _types;
    private readonly Lazy<TableDeclaration<TKey, TRow>> _declaration;

    /// <param name="projection">The projection's name, such as <c>invoice_summary</c>.</param>
    /// <param name="version">The version's number, from 1.</param>
    /// <param name="types">The event types that <see cref="Define"/> speaks of.</param>
    protected TableProjection(string projection, int version, EventTypes types)
        : base(projection, version)
    {
        _types = types;
        _declaration = new(() => new TableDeclaration<TKey, TRow>(DefineAll(), _types, Archived, Documents));
    }

    public sealed override IReadOnlySet<string> EventTypeNames => _declaration.Value.EventNames;

    public sealed override IReadOnlyList<ColumnDefinition> Columns => Mapping.Columns;

    internal sealed override IReadOnlyList<(ColumnDefinition Column, PropertyInfo Property)> RowProperties => [.. Mapping.Columns.Zip(Mapping.Properties)];

    internal sealed override bool IsByNameAlone => _declaration.Value.IsByNameAlone;

    internal sealed override EventTypes Vocabulary => _types;

    internal RowMapping<TKey, TRow> Mapping => _declaration.Value.Mapping
        ?? throw new InvalidOperationException($"{Id} is not declared soundly: {string.Join(" ", FindProblems())}");

    /// <summary>
    /// How documents become JSON and come back. The default is camel case by reflection; <c>ShopJson.Default.Options</c> of a
    /// <see cref="System.Text.Json.Serialization.JsonSerializerContext"/> does without. Part of what a version is built with.
    /// </summary>
    protected virtual JsonSerializerOptions Documents => DocumentJson.Default;

    /// <summary>Says what is done with which events.</summary>
    protected abstract void Define(FoldDefinition<TKey, TRow> on);

    /// <summary>
    /// The only stream whose events are for the row of a key, or <c>null</c> when they come from several. With it a single row can be
    /// explained and repaired without reading all of history. The default is what the key says where every event is declared
    /// <c>ByStream</c> or <c>ByTenantAndStream</c>, and else <c>null</c>; a key that holds the stream's name beside other parts overrides it.
    /// </summary>
    protected virtual StreamId? StreamOf(TKey key) => _declaration.Value.IsByStream
        ? key switch
        {
            Guid guid => new StreamId(guid),
            string text => new StreamId(text),
            _ => TenantStreamKey<TKey>.IsOne ? TenantStreamKey<TKey>.StreamOf(key) : null,
        }
        : null;

    internal sealed override IReadOnlySet<string> TypesThatKeepRows => _declaration.Value.NamesThatKeepRows;

    internal sealed override StreamShare? AllStreams => _declaration.Value.IsByStream ? StreamShare.All(_declaration.Value.HasUuids) : null;

    internal sealed override bool RowsNameTheirStream =>
        _declaration.Value.IsByStream || ((Func<TKey, StreamId?>)StreamOf).Method.DeclaringType != typeof(TableProjection<TKey, TRow>);

    internal sealed override IRowAccess Rows => new RowAccess<TKey, TRow>(
        Mapping,
        _declaration.Value.CreateRoutes,
        StreamOf,
        (options, keys) => new TableFold<TKey, TRow>(this, Mapping, _declaration.Value, options, keys));

    internal sealed override IReadOnlyList<string> FindProblems() => _declaration.Value.Problems;

    internal sealed override string DescribeEvent(string name) => _declaration.Value.Describe(name);

    internal sealed override IEnumerable<string> DescribeDocuments() =>
        Mapping.Documents.Select(document => $"document {document.Column.Name}: {EventContract.Describe(document.Shape)}");

    internal sealed override IVersionFold OpenFold(FoldOptions options) =>
        new TableFold<TKey, TRow>(this, Mapping, _declaration.Value, options);

    /// <summary>Opens a fold of all rows in one partition, over rows that are kept somewhere else than in the version's table.</summary>
    internal FoldPartition<TKey, TRow> OpenPartition(FoldOptions options, IRowLoader<TKey, TRow> loader) =>
        new(this, Mapping, _declaration.Value.CreateRoutes(), loader, StreamShare.All(_declaration.Value.HasUuids), options, only: null);

    private FoldDefinition<TKey, TRow> DefineAll()
    {
        var definition = new FoldDefinition<TKey, TRow>();
        Define(definition);
        return definition;
    }
}
