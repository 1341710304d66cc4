using System.Text.RegularExpressions;

namespace Projections.Migrations.Generating;

/// <summary>Changes of tables with rows in the forms that let others read and write meanwhile; each statement is a transaction of its own.</summary>
internal static partial class OnlineSql
{
    public static string CreateIndex(SchemaObject index) => CreateIndex(index.Create, IndexHead().Match(index.Create).Groups["name"].Value);

    public static string DropIndex(SchemaObject index) => index.Drop.Replace("DROP INDEX ", "DROP INDEX CONCURRENTLY ", StringComparison.Ordinal);

    /// <summary>Puts another index of the same name in the place of one, of which queries never have to do without.</summary>
    public static IReadOnlyList<string> ReplaceIndex(SchemaObject before, SchemaObject after)
    {
        var name = IndexHead().Match(after.Create).Groups["name"].Value;
        var next = QuotedName.WithEnding(name, "_next");
        var schema = after.Name[..^name.Length];
        return [CreateIndex(after.Create, next), DropIndex(before), $"ALTER INDEX {schema}{next} RENAME TO {name}"];
    }

    public static IReadOnlyList<string> AddConstraint(SchemaObject constraint) => KindOf(constraint) switch
    {
        "p" or "u" => [CreateIndex(IndexOf(constraint), QuotedName.WithEnding(constraint.Own, "_index")), $"ALTER TABLE {constraint.Parent} ADD {UsingIndex(constraint, "_index")}"],
        _ when IsNotValid(constraint) => [constraint.Create],
        _ => [$"{constraint.Create} NOT VALID", Validate(constraint)],
    };

    /// <summary>Puts another constraint of the same name in the place of one, in one statement.</summary>
    public static IReadOnlyList<string> ReplaceConstraint(SchemaObject before, SchemaObject after)
    {
        var drop = $"ALTER TABLE {after.Parent} DROP CONSTRAINT {before.Own}, ADD";
        if (KindOf(after) is "p" or "u")
        {
            return [CreateIndex(IndexOf(after), QuotedName.WithEnding(after.Own, "_next")), $"{drop} {UsingIndex(after, "_next")}"];
        }

        var constraint = $"CONSTRAINT {after.Own} {after.Traits[ConstraintTraits.Definition]}";
        return IsNotValid(after) ? [$"{drop} {constraint}"] : [$"{drop} {constraint} NOT VALID", Validate(after)];
    }

    /// <summary>NOT NULL by way of a proof, so that the table is not read under a lock.</summary>
    public static IReadOnlyList<string> SetNotNull(SchemaObject column)
    {
        var proof = QuotedName.WithEnding(column.Own, "_not_null");
        return
        [
            $"ALTER TABLE {column.Parent} ADD CONSTRAINT {proof} CHECK ({column.Own} IS NOT NULL) NOT VALID",
            $"ALTER TABLE {column.Parent} VALIDATE CONSTRAINT {proof}",
            $"ALTER TABLE {column.Parent} ALTER COLUMN {column.Own} SET NOT NULL",
            $"ALTER TABLE {column.Parent} DROP CONSTRAINT {proof}",
            .. TableSql.OwnNotNullName(column) is { } name && column.Traits[ColumnTraits.UsualNotNull] is { } usual ? [RenameConstraint(column, usual, name)] : Array.Empty<string>(),
        ];
    }

    public static string RenameConstraint(SchemaObject part, string before, string after) => $"ALTER TABLE {part.Parent} RENAME CONSTRAINT {before} TO {after}";

    public static IReadOnlyList<string> DropNotNull(SchemaObject column) => [$"ALTER TABLE {column.Parent} ALTER COLUMN {column.Own} DROP NOT NULL"];

    public static string KindOf(SchemaObject constraint) => constraint.Traits[ConstraintTraits.Kind]!;

    private static string IndexOf(SchemaObject constraint) => constraint.Traits[ConstraintTraits.Index]!;

    private static bool IsNotValid(SchemaObject constraint) => constraint.Create.EndsWith(" NOT VALID", StringComparison.Ordinal);

    private static string Validate(SchemaObject constraint) => $"ALTER TABLE {constraint.Parent} VALIDATE CONSTRAINT {constraint.Own}";

    private static string UsingIndex(SchemaObject constraint, string ending) =>
        $"CONSTRAINT {constraint.Own} {(KindOf(constraint) == "p" ? "PRIMARY KEY" : "UNIQUE")} USING INDEX {QuotedName.WithEnding(constraint.Own, ending)}{constraint.Traits[ConstraintTraits.Suffix]}";

    private static string CreateIndex(string definition, string name)
    {
        var head = IndexHead().Match(definition);
        return $"CREATE {head.Groups["unique"].Value}INDEX CONCURRENTLY {name} ON {definition[head.Length..]}";
    }

    [GeneratedRegex("""^CREATE (?<unique>UNIQUE )?INDEX (?<name>"(?:[^"]|"")+"|\S+) ON """, RegexOptions.CultureInvariant)]
    private static partial Regex IndexHead();
}
