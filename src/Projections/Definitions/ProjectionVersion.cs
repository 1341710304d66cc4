using System.Reflection;
using Projections.Events;

namespace Projections.Definitions;

/// <summary>
/// One version of a projection as it is declared: the pair of schema and handler. <c>TableProjection</c>
/// is the kind to start with; <c>SqlProjection</c> is for the few that cannot be said as a fold over rows.
/// </summary>
public abstract class ProjectionVersion
{
    private VersionFiles? _files;
    private string? _events;

    private protected ProjectionVersion(string projection, int version) =>
        Id = new VersionId(new ProjectionName(projection), version);

    public VersionId Id { get; private set; }

    /// <summary>What to do with an event that cannot be decoded or folded. The default is <see cref="PoisonPolicy.Stop"/>.</summary>
    public virtual PoisonPolicy OnPoison => PoisonPolicy.Stop;

    /// <summary>The category of streams that this version reads, or <c>null</c> (the default) for all.</summary>
    public virtual string? StreamCategory => null;

    /// <summary>What becomes of the rows of archived streams. The default is <see cref="ArchivedStreams.Keep"/>.</summary>
    public virtual ArchivedStreams Archived => ArchivedStreams.Keep;

    /// <summary>What becomes of streams whose first events the store no longer has. The default is <see cref="StreamsWithoutBeginning.Fail"/>.</summary>
    public virtual StreamsWithoutBeginning WithoutBeginning => StreamsWithoutBeginning.Fail;

    /// <summary>
    /// Whether no two tenants have a stream of the same name although the store would allow it, so that rows may be found by the name alone
    /// (<c>ByStream</c>). The default is false.
    /// </summary>
    public virtual bool StreamsAreUniqueOverTenants => false;

    /// <summary>
    /// Below which part of the live version's number of rows this version is refused as suspiciously small at the switch.
    /// The default is 0.5; 0 declares that it may be empty.
    /// </summary>
    public virtual double SmallestShareOfLive => 0.5;

    /// <summary>The names, as the store knows them, of all event types that this version handles, old names included.</summary>
    public abstract IReadOnlySet<string> EventTypeNames { get; }

    /// <summary>The files of the version's folder, as they were embedded into the assembly of its class.</summary>
    /// <exception cref="VersionFilesMissing">They were not, or some are not there.</exception>
    public virtual VersionFiles Files => _files ??= VersionFolder.Of(GetType()).Read();

    /// <summary>The columns that the row type asks the table to have, or <c>null</c> where there is no row type.</summary>
    public abstract IReadOnlyList<ColumnDefinition>? Columns { get; }

    /// <summary>The columns of the key, in the key's order; empty where there is no row type.</summary>
    internal IReadOnlyList<ColumnDefinition> KeyColumns => [.. (Columns ?? []).Where(column => column.KeyOrdinal > 0).OrderBy(column => column.KeyOrdinal)];

    /// <summary>The columns with the properties of the row type that they are, or <c>null</c> where there is no row type.</summary>
    internal virtual IReadOnlyList<(ColumnDefinition Column, PropertyInfo Property)>? RowProperties => null;

    /// <summary>What is meant to differ from the rows of an earlier version. The default is nothing.</summary>
    protected virtual void DefineChanges(VersionChanges changes)
    {
    }

    /// <summary>
    /// The same declaration as the next version, its table named so in all files: for showing a switch where there is nothing to switch to.
    /// </summary>
    internal ProjectionVersion OnceMore()
    {
        var next = new VersionId(Id.Projection, Id.Number + 1);
        var again = (ProjectionVersion)MemberwiseClone();
        again.Id = next;
        again._files = Files with
        {
            TableSql = Files.TableSql.Replace(Id.Table, next.Table, StringComparison.Ordinal),
            IndexesSql = Files.IndexesSql?.Replace(Id.Table, next.Table, StringComparison.Ordinal),
            DownSql = Files.DownSql.Replace(Id.Table, next.Table, StringComparison.Ordinal),
            SeedSql = null,
        };
        return again;
    }

    internal VersionChanges ChangesSince(int earlier)
    {
        var changes = new VersionChanges(earlier);
        DefineChanges(changes);
        return changes;
    }

    /// <summary>What a table is built with that is built by this declaration.</summary>
    internal VersionManifest Manifest => new(Files, _events ??= string.Join(
        '\n', EventTypeNames.Order(StringComparer.Ordinal).Select(name => $"{name}: {DescribeEvent(name)}").Concat(DescribeDocuments())));

    /// <summary>The event types that the declaration speaks of.</summary>
    internal abstract EventTypes Vocabulary { get; }

    public EventFilter Filter => new(EventTypeNames, StreamCategory);

    /// <summary>Whether rows are found by the names of streams alone.</summary>
    internal virtual bool IsByNameAlone => false;

    /// <summary>What is wrong with the declaration, a sentence or two each that say what to change; empty for a sound one.</summary>
    internal abstract IReadOnlyList<string> FindProblems();

    /// <summary>What decoding makes of the events of a name; see <see cref="EventContract"/>.</summary>
    internal abstract string DescribeEvent(string name);

    /// <summary>What the JSON of the version's documents is made of, a line each.</summary>
    internal virtual IEnumerable<string> DescribeDocuments() => [];

    /// <summary>Opens an empty fold over the version's table.</summary>
    internal abstract IVersionFold OpenFold(FoldOptions options);

    /// <summary>The event types that make no rows and delete none, and are passed over where there is none; no others can be folded after those that they came before.</summary>
    internal virtual IReadOnlySet<string> TypesThatKeepRows { get; } = new HashSet<string>();

    /// <summary>All streams, where each row is made of one stream, so that rows may be folded by shares of the streams; <c>null</c> where a row may be made of several.</summary>
    internal virtual StreamShare? AllStreams => null;

    /// <summary>Whether the key of a row says which stream all its events are in.</summary>
    internal virtual bool RowsNameTheirStream => false;

    /// <summary>The version's rows one by one, or <c>null</c> where a row cannot be folded without the others.</summary>
    internal virtual IRowAccess? Rows => null;
}
