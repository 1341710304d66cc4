namespace Projections.Migrations.Generating;

/// <summary>A column that gets another type by way of a second column, which takes its name.</summary>
/// <param name="Before">The column as it is.</param>
/// <param name="Attached">Its indexes and constraints as they are.</param>
/// <param name="Key">The column by which its table's rows are walked.</param>
/// <param name="There">What a row gets in the new type.</param>
/// <param name="Back">What a row gets in the old type, once the new column has the name.</param>
internal sealed record TypeChange(SchemaObject Before, IReadOnlyList<SchemaObject> Attached, string Key, Conversion There, Conversion Back)
{
    // Behind the table's own triggers, which may change what is to be converted: they fire in the order of their names.
    private const string Last = "zz_";

    public string Table => Before.Parent!;

    /// <summary>The name of the column beside it.</summary>
    public string Next => NextNameOf(Before.Own);

    /// <summary>Its own name once the other column has it.</summary>
    public string Old => OldNameOf(Before.Own);

    /// <summary>The constraint by which it must have a value; <c>null</c> where that has no name.</summary>
    public string? NotNull => Before.Traits[ColumnTraits.NotNull];

    private string Trigger => QuotedName.Of($"{Last}{QuotedName.Unquote(Next)}");

    private string Function
    {
        get
        {
            var (schema, table) = QuotedName.Split(Table);
            return $"{schema}.{NextNameOf(QuotedName.Of($"{QuotedName.Unquote(table)}_{QuotedName.Unquote(Before.Own)}"))}";
        }
    }

    public static string NextNameOf(string name) => QuotedName.WithEnding(name, "_next");

    public static string OldNameOf(string name) => QuotedName.WithEnding(name, "_old");

    /// <summary>The name of an index or a constraint alone.</summary>
    public static string NameOf(SchemaObject attached) => attached.Kind == ObjectKind.Index ? QuotedName.Split(attached.Name).Own : attached.Own;

    public static string Rename(SchemaObject attached, string from, string to) => attached.Kind == ObjectKind.Index
        ? $"ALTER INDEX {QuotedName.Split(attached.Name).Schema}.{from} RENAME TO {to}"
        : OnlineSql.RenameConstraint(attached, from, to);

    /// <summary>What has the name of an index or a constraint gets one after it, and what has another one gets the name.</summary>
    public static IEnumerable<string> ChangeNames(SchemaObject attached, Func<string, string> goes, Func<string, string> comes)
    {
        var name = NameOf(attached);
        return [Rename(attached, name, goes(name)), Rename(attached, comes(name), name)];
    }

    /// <summary>The same for the column, and for its NOT NULL where that has a name.</summary>
    public IEnumerable<string> ChangeNames(Func<string, string> goes, Func<string, string> comes) =>
    [
        Rename(Before.Own, goes(Before.Own)), Rename(comes(Before.Own), Before.Own),
        .. NotNull is { } name ? [OnlineSql.RenameConstraint(Before, name, goes(name)), OnlineSql.RenameConstraint(Before, comes(name), name)] : Array.Empty<string>(),
    ];

    public string Rename(string from, string to) => $"ALTER TABLE {Table} RENAME COLUMN {from} TO {to}";

    public IReadOnlyList<string> CreateTrigger() => [FillNext("CREATE"), $"CREATE TRIGGER {Trigger} BEFORE INSERT OR UPDATE ON {Table} FOR EACH ROW EXECUTE FUNCTION {Function}()"];

    public IReadOnlyList<string> DropTrigger() => [$"DROP TRIGGER {Trigger} ON {Table}", $"DROP FUNCTION {Function}()"];

    /// <summary>Lets the trigger fill the column beside it.</summary>
    public string FillNext(string create = "CREATE OR REPLACE") => Body(create, Next, There);

    /// <summary>Lets the trigger fill the column that was replaced, so that going back loses nothing.</summary>
    public string FillOld() => Body("CREATE OR REPLACE", Old, Back);

    private string Body(string create, string column, Conversion value) =>
        $"""
        {create} FUNCTION {Function}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.{column} := {value.InTrigger};
            RETURN NEW;
        END
        $$
        """;
}

/// <summary>What a row gets in another type.</summary>
/// <param name="OverRow">An expression over the row.</param>
/// <param name="InTrigger">The same where the row is <c>NEW</c>.</param>
internal sealed record Conversion(string OverRow, string InTrigger)
{
    /// <summary>As an assignment does it.</summary>
    public static Conversion Assigned(SchemaObject column) => new(column.Own, $"NEW.{column.Own}");

    public static Conversion Cast(SchemaObject column, string type) => new($"{column.Own}::{type}", $"NEW.{column.Own}::{type}");

    /// <param name="table">The table, by whose name the expression may call the row.</param>
    /// <param name="expression">What somebody says.</param>
    public static Conversion Said(string table, string expression) => new(expression, $"(SELECT {expression} FROM (SELECT NEW.*) AS {QuotedName.Split(table).Own})");
}
