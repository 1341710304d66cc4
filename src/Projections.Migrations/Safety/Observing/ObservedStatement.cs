using Npgsql;
using Projections.Migrations.Files;
using Projections.Migrations.Parsing;
using Projections.Migrations.Safety.Catalog;

namespace Projections.Migrations.Safety.Observing;

/// <summary>A statement with everything that PostgreSQL did when it ran on the copy.</summary>
internal sealed record ObservedStatement
{
    public required Migration Migration { get; init; }

    public required MigrationFile File { get; init; }

    public required Direction Direction { get; init; }

    public required SqlStatement Statement { get; init; }

    /// <summary>The catalog before the migration: only what is in it has readers and writers.</summary>
    public required CatalogSnapshot Origin { get; init; }

    public required CatalogSnapshot Before { get; init; }

    public required CatalogSnapshot After { get; init; }

    /// <summary>The catalog when the whole migration is done.</summary>
    public CatalogSnapshot Final { get => field ?? After; init; }

    /// <summary>What roles have lost when the whole migration is done.</summary>
    public RoleLosses Losses { get; init; } = RoleLosses.None;

    public CatalogChanges Changes => new(Before, After);

    /// <summary>The strongest lock on each relation that earlier statements of the transaction took and still hold.</summary>
    public IReadOnlyDictionary<uint, LockMode> Held { get; init; } = new Dictionary<uint, LockMode>();

    /// <summary>The strongest lock on each relation that this statement took, where it is stronger than what was held.</summary>
    public IReadOnlyDictionary<uint, LockMode> Taken { get; init; } = new Dictionary<uint, LockMode>();

    public IReadOnlyDictionary<uint, TableActivity> Activity { get; init; } = new Dictionary<uint, TableActivity>();

    /// <summary>What PostgreSQL said about its work, at level DEBUG1 and above.</summary>
    public IReadOnlyList<string> Messages { get; init; } = [];

    /// <summary>The error that ended the migration here; <c>null</c> when it went on.</summary>
    public PostgresException? Failure { get; init; }

    /// <summary>The error by which sample rows refused it before it went through without them; <c>null</c> when they did not.</summary>
    public PostgresException? RowsRefused { get; init; }

    /// <summary>Of several statements that ran as one, those that were refused for want of rows, and what refused them, by their places.</summary>
    public IReadOnlyDictionary<int, PostgresException> PassedOver { get; init; } = new Dictionary<int, PostgresException>();

    /// <summary>Of several statements that ran as one, the place of the one to set apart, because it failed or did something that is to be judged;
    /// <c>null</c> when there is none.</summary>
    public int? LookAt { get; init; }

    /// <summary>Whether it ran in the migration's transaction.</summary>
    public bool InTransaction { get; init; }

    /// <summary>Whether PostgreSQL runs it only outside a transaction.</summary>
    public bool RanOutside { get; init; }

    /// <summary>Whether it was left out, because it reaches beyond the copy's database.</summary>
    public bool IsLeftOut { get; init; }

    /// <summary>The tables that were there before the migration, by the lock this statement took on them, strongest first.</summary>
    public IEnumerable<(CatalogRelation Table, LockMode Mode)> LockedTables =>
        Taken.Where(pair => Origin.HasTable(pair.Key))
            .Select(pair => (Origin.Relations[pair.Key], pair.Value))
            .OrderByDescending(pair => pair.Value);

    /// <summary>Whether the table was there before the migration, so that others use it.</summary>
    public bool Existed(uint table) => Origin.HasTable(table);

    /// <summary>The strongest lock that the transaction has on a relation after the statement.</summary>
    public LockMode LockOn(uint relation) =>
        (LockMode)Math.Max((int)Taken.GetValueOrDefault(relation), (int)Held.GetValueOrDefault(relation));

    /// <summary>Whether the statement went through all rows of a table.</summary>
    public bool Scanned(uint table) => Activity.GetValueOrDefault(table, TableActivity.None).Scans > 0;

    /// <summary>Whether a table or index that was there before the statement got a new file.</summary>
    public bool Rewrote(uint relation) =>
        Before.Relations.TryGetValue(relation, out var before) && After.Relations.TryGetValue(relation, out var after)
        && before.File != after.File && after.File != 0;

    /// <summary>Whether a new index was built: one that comes with a column's new type may have the file of the one before it.</summary>
    public bool Built(uint index) => After.Relations[index].File is var file && (file == 0 || Before.Relations.Values.All(relation => relation.File != file));

    /// <summary>The tables that were there before the migration and that this statement wrote anew.</summary>
    public IEnumerable<CatalogRelation> RewrittenTables =>
        Before.Relations.Values.Where(relation => relation.Kind is 'r' or 'm' && Existed(relation.Oid) && Rewrote(relation.Oid));

    /// <summary>The name of a table or index for messages.</summary>
    public string NameOf(uint relation) => Find(relation)?.Readable ?? relation.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public string QuotedNameOf(uint relation) => Find(relation)?.Quoted ?? "";

    // What an earlier statement of the migration dropped, it may still hold a lock on.
    private CatalogRelation? Find(uint relation) =>
        After.Relations.GetValueOrDefault(relation) ?? Before.Relations.GetValueOrDefault(relation) ?? Origin.Relations.GetValueOrDefault(relation);
}
