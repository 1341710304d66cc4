using Npgsql;
using Projections.Postgres;

namespace Projections.Migrations.Schemas;

/// <summary>Compares what migrations make on a copy with what a database has.</summary>
internal static class SchemaComparison
{
    /// <param name="made">The copy. Its search path is changed.</param>
    /// <param name="there">The database. Its search path is changed.</param>
    /// <param name="schemas">The schemas that count.</param>
    /// <param name="leftOut">Tables of the database that do not count, such as tracking tables, as they are named in SQL.</param>
    /// <param name="cancellationToken">Ends the queries.</param>
    /// <returns>What the database lacks, and what it has besides in these schemas; what belongs to no schema may be there besides. Owners are no
    /// difference.</returns>
    public static async Task<IReadOnlyList<SchemaDifference>> RunAsync(
        NpgsqlConnection made, NpgsqlConnection there, IReadOnlyList<string> schemas, IReadOnlyList<string> leftOut, CancellationToken cancellationToken)
    {
        var leftOutQualified = await there.QueryAsync(
            """
            SELECT format('%I.%I', n.nspname, c.relname) FROM unnest($1::text[]) name
              JOIN pg_class c ON c.oid = to_regclass(name) JOIN pg_namespace n ON n.oid = c.relnamespace
            """,
            row => row.GetString(0), cancellationToken, (object)leftOut.ToArray());
        var onCopy = await SchemaDump.ReadAsync(made, schemas, [], cancellationToken);
        var inDatabase = await SchemaDump.ReadAsync(there, schemas, leftOutQualified, cancellationToken);
        return
        [
            .. SchemaDifference.Between([.. onCopy.Select(line => line.WithoutOwner())], [.. inDatabase.Select(line => line.WithoutOwner())])
                .Where(difference => difference.IsMissing ? !difference.Line.IsOfEveryDatabase : !difference.Line.IsOfNoSchema),
        ];
    }
}
