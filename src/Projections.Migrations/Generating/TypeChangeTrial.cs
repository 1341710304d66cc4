using Npgsql;
using Projections.Postgres;

namespace Projections.Migrations.Generating;

/// <summary>What becomes of columns that get another type.</summary>
/// <param name="Present">The schema where they have got it.</param>
/// <param name="Steps">What leads there.</param>
/// <param name="Kept">Why the others keep their type, by their keys.</param>
internal sealed record TypeChanges(SchemaModel Present, IReadOnlyList<SchemaStep> Steps, IReadOnlyDictionary<string, string> Kept);

/// <summary>
/// Gives columns their wanted types in a transaction that somebody rolls back. What PostgreSQL makes of their indexes and constraints there is
/// what the steps lead to, and what it refuses is left.
/// </summary>
/// <param name="connection">The present schema, in a transaction.</param>
/// <param name="wanted">Where it is to go.</param>
/// <param name="there">What rows get in the new types.</param>
/// <param name="back">What rows get in the old ones.</param>
internal sealed class TypeChangeTrial(NpgsqlConnection connection, SchemaModel wanted, ColumnFills there, ColumnFills back)
{
    private readonly List<(SchemaObject Before, SchemaObject After)> _inPlace = [];
    private readonly List<TypeChange> _changes = [];
    private readonly Dictionary<string, string> _kept = [];

    public async Task<TypeChanges> RunAsync(CancellationToken cancellationToken)
    {
        var present = await SchemaObjectReader.ReadAsync(connection, cancellationToken);
        await RunAsync("SET LOCAL search_path TO DEFAULT", cancellationToken);
        foreach (var before in present.Objects.Where(one => one.Kind == ObjectKind.Column))
        {
            if (wanted.Find(before.Key) is { } after && after.Traits[ColumnTraits.Definition] != before.Traits[ColumnTraits.Definition]
                && await ChangeAsync(before, after, present, cancellationToken) is { } reason)
            {
                _kept[after.Key] = $"{before.Traits[ColumnTraits.Definition]} becomes {after.Traits[ColumnTraits.Definition]}: {reason}";
            }
        }

        var changed = await SchemaObjectReader.ReadAsync(connection, cancellationToken);
        return new TypeChanges(changed, [.. InPlace(present), .. TypeChangeSteps.Of(_changes, await ReadBesideAsync(cancellationToken))], _kept);
    }

    private IEnumerable<SchemaStep> InPlace(SchemaModel present) =>
        from table in _inPlace.GroupBy(pair => pair.Before.Parent!)
        let preparedAnew = TypeChangeSteps.PreparedAnew(table.Key, present)
        select new SchemaStep(
            StepPhase.InPlace,
            [.. table.Select(pair => Alter(pair.Before, pair.After)), .. preparedAnew],
            [.. table.Reverse().Select(pair => Alter(pair.After, pair.Before)), .. preparedAnew]);

    // With the new columns, and what belongs to them, under the names that they have until they change them.
    private async Task<SchemaModel> ReadBesideAsync(CancellationToken cancellationToken)
    {
        var attached = _changes.SelectMany(change => change.Attached).DistinctBy(one => one.Key);
        foreach (var rename in _changes.Select(change => change.Rename(change.Before.Own, change.Next))
            .Concat(attached.Select(one => TypeChange.Rename(one, TypeChange.NameOf(one), TypeChange.NextNameOf(TypeChange.NameOf(one))))))
        {
            await RunAsync(rename, cancellationToken);
        }

        return await SchemaObjectReader.ReadAsync(connection, cancellationToken);
    }

    /// <returns>Why the column keeps its type; <c>null</c> where it gets the other one.</returns>
    private async Task<string?> ChangeAsync(SchemaObject before, SchemaObject after, SchemaModel present, CancellationToken cancellationToken)
    {
        if (TableSql.IsComputed(before) || TableSql.IsComputed(after))
        {
            return "PostgreSQL would write the whole table anew for a generated or identity column";
        }

        string? refusal = null;
        var conversion = there.ValueOf(after) is { } said ? Conversion.Said(before.Parent!, said) : Conversion.Assigned(before);
        if (!IsOfEnum(before, after, present) && await TestAsync(conversion, before, after, cancellationToken) is { } reason)
        {
            refusal = Said(reason, "--fill", after);
        }
        else if (there.ValueOf(after) is null && await TryInPlaceAsync(before, after, present, cancellationToken))
        {
            return null;
        }

        return ReasonAgainstColumnBeside(before, present) ?? refusal ?? await TryBesideAsync(before, after, conversion, present, cancellationToken);
    }

    private async Task<bool> TryInPlaceAsync(SchemaObject before, SchemaObject after, SchemaModel present, CancellationToken cancellationToken)
    {
        var isDone = false;
        await TryAsync(
            async () =>
            {
                var files = await ReadFilesAsync(before, cancellationToken);
                await RunAsync(Alter(before, after), cancellationToken);
                return isDone = files == await ReadFilesAsync(before, cancellationToken)
                    && AttachedTo(before, present).All(one => one.Kind == ObjectKind.Index || OnlineSql.KindOf(one) is "p" or "u");
            },
            cancellationToken);
        if (isDone)
        {
            _inPlace.Add((before, after));
        }

        return isDone;
    }

    private async Task<string?> TryBesideAsync(SchemaObject before, SchemaObject after, Conversion conversion, SchemaModel present, CancellationToken cancellationToken)
    {
        string? reason = null;
        var refusal = await TryAsync(async () => (reason = await ConvertAsync(before, after, conversion, present, cancellationToken)) is null, cancellationToken);
        return reason ?? refusal?.Words;
    }

    private async Task<string?> ConvertAsync(SchemaObject before, SchemaObject after, Conversion forward, SchemaModel present, CancellationToken cancellationToken)
    {
        await RunAsync(Alter(before, after, forward), cancellationToken);
        Conversion[] ways = back.ValueOf(after) is { } saidBack
            ? [Conversion.Said(before.Parent!, saidBack)]
            : [Conversion.Assigned(before), Conversion.Cast(before, before.Traits[ColumnTraits.Definition]!)];
        var isOfEnum = IsOfEnum(before, after, present);
        PostgresException? refusal = null;
        foreach (var way in ways)
        {
            refusal = isOfEnum ? await TestInPlaceAsync(way, before, cancellationToken) : await TestAsync(way, before, before, cancellationToken);
            if (refusal is null)
            {
                _changes.Add(new TypeChange(before, AttachedTo(before, present), ColumnFills.KeyOf(before.Parent!, present)!, forward, way));
                return null;
            }
        }

        return $"on the way back, {Said(refusal!, "--fill-back", after)}";
    }

    private static string Said(PostgresException refusal, string option, SchemaObject column) => refusal.SqlState switch
    {
        PostgresErrorCodes.InvalidObjectDefinition => $"what becomes of a value depends on the session's settings: say what rows get by {option} {column.Name}=EXPRESSION",
        PostgresErrorCodes.DatatypeMismatch => $"PostgreSQL does not convert it by itself: say what rows get by {option} {column.Name}=EXPRESSION",
        _ => refusal.Words,
    };

    // What depends on a session's settings gives other values in the service than in the backfill; PostgreSQL has no such thing in a generated column.
    private Task<PostgresException?> TestAsync(Conversion conversion, SchemaObject from, SchemaObject to, CancellationToken cancellationToken) =>
        TryAsync(
            async () =>
            {
                var type = to.Traits[ColumnTraits.Definition];
                await RunAsync(Generated(from, TypeChange.NextNameOf(from.Own), type!, conversion.OverRow), cancellationToken);

                // What an assignment converts by itself PostgreSQL does not look at so closely.
                await RunAsync(Generated(from, TypeChange.OldNameOf(from.Own), type!, $"({conversion.OverRow})::{type}"), cancellationToken);
                return false;
            },
            cancellationToken);

    private static string Generated(SchemaObject column, string name, string type, string expression) =>
        $"ALTER TABLE {column.Parent} ADD COLUMN {name} {type} GENERATED ALWAYS AS ({expression}) STORED";

    // What an enum's values are called depends on the catalog, which is no setting, but keeps them out of a generated column.
    private Task<PostgresException?> TestInPlaceAsync(Conversion conversion, SchemaObject column, CancellationToken cancellationToken) =>
        TryAsync(
            async () =>
            {
                await RunAsync($"ALTER TABLE {column.Parent} ALTER COLUMN {column.Own} DROP DEFAULT, ALTER COLUMN {column.Own} TYPE {column.Traits[ColumnTraits.Definition]} USING ({conversion.OverRow})", cancellationToken);
                return false;
            },
            cancellationToken);

    private static string? ReasonAgainstColumnBeside(SchemaObject before, SchemaModel present)
    {
        var stuck = present.Objects.FirstOrDefault(one => one.Needs.Contains(before.Key) && one.Kind is not (ObjectKind.Comment or ObjectKind.Setting) && !CanFollow(one, before, present));
        return stuck is not null ? $"{SchemaPlanner.Readable(stuck)} stands on it"
            : ColumnFills.KeyOf(before.Parent!, present) is null ? "its rows cannot be walked, for its table has no primary key of one column"
            : new[] { TypeChange.NextNameOf(before.Own), TypeChange.OldNameOf(before.Own) }.FirstOrDefault(name => present.Has($"{ObjectKind.Column} {before.Parent}.{name}")) is { } taken
                ? $"there is a column {taken} beside it"
            : null;
    }

    private bool IsOfEnum(SchemaObject before, SchemaObject after, SchemaModel present) =>
        before.Needs.Select(present.Find).Concat(after.Needs.Select(wanted.Find)).Any(type => type is { Kind: ObjectKind.Type } && type.Traits[0] == TypeSql.Enum);

    private static bool CanFollow(SchemaObject one, SchemaObject column, SchemaModel present) =>
        (one.Kind == ObjectKind.Index || (one.Kind == ObjectKind.Constraint && one.Parent == column.Parent && OnlineSql.KindOf(one) is "c" or "u" or "f"))
        && present.DependantsOf([one.Key]).All(key => present.Find(key)!.Kind == ObjectKind.Comment);

    private static IReadOnlyList<SchemaObject> AttachedTo(SchemaObject column, SchemaModel present) =>
        [.. present.Objects.Where(one => one.Kind is ObjectKind.Index or ObjectKind.Constraint && one.Needs.Contains(column.Key))];

    private static string Alter(SchemaObject from, SchemaObject to, Conversion? conversion = null)
    {
        var column = $"ALTER COLUMN {from.Own}";
        var type = $"{column} TYPE {to.Traits[ColumnTraits.Definition]}{(conversion is null ? "" : $" USING ({conversion.OverRow})")}";
        return TableSql.DefaultOf(from) == TableSql.DefaultOf(to)
            ? $"ALTER TABLE {from.Parent} {type}"
            : $"ALTER TABLE {from.Parent} {column} DROP DEFAULT, {type}{(TableSql.DefaultOf(to) is { } value ? $", {column} SET DEFAULT {value}" : "")}";
    }

    // A table or an index that was written anew is in another file.
    private async Task<string?> ReadFilesAsync(SchemaObject column, CancellationToken cancellationToken) =>
        await connection.ScalarAsync<string>(
            """
            SELECT string_agg(file::text, ' ' ORDER BY file)
              FROM (SELECT pg_relation_filenode($1::text::regclass) UNION ALL SELECT pg_relation_filenode(indexrelid) FROM pg_index WHERE indrelid = $1::text::regclass) files (file)
            """,
            cancellationToken, column.Parent);

    /// <summary>Tries something, and keeps it only where that says so.</summary>
    private async Task<PostgresException?> TryAsync(Func<Task<bool>> attempt, CancellationToken cancellationToken)
    {
        await RunAsync("SAVEPOINT attempt", cancellationToken);
        PostgresException? refusal = null;
        var isKept = false;
        try
        {
            isKept = await attempt();
        }
        catch (PostgresException refused)
        {
            refusal = refused;
        }

        await RunAsync(isKept ? "RELEASE SAVEPOINT attempt" : "ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt", cancellationToken);
        return refusal;
    }

    private Task<int> RunAsync(string statement, CancellationToken cancellationToken) => connection.ExecuteLongAsync(statement, cancellationToken);
}
