using Npgsql;
using Projections.Definitions;
using Projections.Postgres;
using Projections.Tables;

namespace Projections.Planning;

/// <summary>What is measured of a table that was filled for trial.</summary>
/// <param name="Rows">Its rows.</param>
/// <param name="Bytes">Its size on disk, with its indexes.</param>
/// <param name="ColumnsNeverSet">Columns that say nothing in any row.</param>
/// <param name="Problem">Why its secondary indexes could not be made, or <c>null</c>.</param>
internal sealed record ScratchMeasures(long Rows, long Bytes, IReadOnlyList<string> ColumnsNeverSet, string? Problem)
{
    // What a property is that nobody sets, beside null: nothing, zero, false, an empty list, the first day there is.
    private const string Unset = @"^([0.:-]*|false|\{\}|-infinity|0001-01-01.*)$";

    public static async Task<ScratchMeasures> TakeAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, ProjectionVersion definition, string relation, CancellationToken cancellationToken)
    {
        var problem = await CreateIndexesAsync(connection, transaction, definition, cancellationToken);
        var rows = await connection.ScalarLongAsync<long>($"select count(*) from {relation}", cancellationToken);
        var figures = await TableFigures.ReadAsync(connection, relation, cancellationToken);
        return new ScratchMeasures(rows, figures.Bytes + figures.IndexBytes, rows == 0 ? [] : await FindNeverSetAsync(connection, relation, cancellationToken), problem);
    }

    private static async Task<string?> CreateIndexesAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, ProjectionVersion definition, CancellationToken cancellationToken)
    {
        if (definition.Files.IndexesSql is not { } sql)
        {
            return null;
        }

        await transaction.SaveAsync("indexes", cancellationToken);
        try
        {
            await connection.ExecuteLongAsync(sql, cancellationToken);
            return null;
        }
        catch (PostgresException exception) when (!PassingFault.Is(exception))
        {
            await transaction.RollbackAsync("indexes", cancellationToken);
            return $"{definition.Files.Folder}/indexes.sql fails: {exception.Words}.";
        }
    }

    private static async Task<IReadOnlyList<string>> FindNeverSetAsync(NpgsqlConnection connection, string relation, CancellationToken cancellationToken)
    {
        var columns = await connection.QueryAsync(
            """
            select attname::text from pg_attribute a
            where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''
              and not exists (select 1 from pg_index i where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey))
            order by attnum
            """,
            row => row.GetString(0),
            cancellationToken,
            relation);
        var neverSet = new List<string>();
        foreach (var column in columns)
        {
            var isSet = await connection.ScalarLongAsync<bool>(
                $"""
                select exists (
                    select 1 from {relation} where {SqlName.Quote(column)} is not null
                      and {SqlName.Quote(column)}::text !~ $1)
                """,
                cancellationToken,
                Unset);
            if (!isSet)
            {
                neverSet.Add(column);
            }
        }

        return neverSet;
    }
}
