using System.Text.RegularExpressions;

namespace Projections.Migrations.Generating;

/// <summary>What somebody says that rows get in columns, and how they are walked.</summary>
internal sealed partial class ColumnFills
{
    private readonly Dictionary<string, string> _values = [];

    /// <param name="wanted">The schema with the columns.</param>
    /// <param name="texts">For each, its name, an equals sign and an SQL expression.</param>
    /// <exception cref="MigrationRefused">There is no such column.</exception>
    public static ColumnFills Of(SchemaModel wanted, IReadOnlyList<string> texts)
    {
        var fills = new ColumnFills();
        foreach (var text in texts)
        {
            if (text.Split('=', 2, StringSplitOptions.TrimEntries) is not [var name, { Length: > 0 } value]
                || (wanted.Find($"{ObjectKind.Column} {name}") ?? wanted.Find($"{ObjectKind.Column} public.{name}")) is not { } column)
            {
                throw new MigrationRefused([new Refusal("fill", $"'{text}' gives no column of the wanted schema a value. Write TABLE.COLUMN=EXPRESSION: orders.email='unknown'.")]);
            }

            fills._values[column.Key] = value;
        }

        return fills;
    }

    /// <returns>What rows get in a column; <c>null</c> where nobody has said so.</returns>
    public string? ValueOf(SchemaObject column) => _values.GetValueOrDefault(column.Key);

    /// <returns>The text of the backfill; <c>null</c> where nobody has said what rows get, or they cannot be walked.</returns>
    public string? Find(SchemaObject column, SchemaModel present) =>
        ValueOf(column) is { } value && KeyOf(column.Parent!, present) is { } key ? TableSql.Fill(column, key, value) : null;

    /// <returns>The column by which a table's rows are walked, its whole primary key; <c>null</c> where there is none.</returns>
    public static string? KeyOf(string table, SchemaModel present) =>
        present.PartsOf(table, ObjectKind.Constraint).Select(constraint => OneColumn().Match(constraint.Traits[ConstraintTraits.Definition]!))
            .FirstOrDefault(match => match.Success)?.Groups["column"].Value;

    [GeneratedRegex("""^PRIMARY KEY \((?<column>"(?:[^"]|"")+"|[^",()]+)\)""", RegexOptions.CultureInvariant)]
    private static partial Regex OneColumn();
}
