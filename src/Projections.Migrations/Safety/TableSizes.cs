using Npgsql;

namespace Projections.Migrations.Safety;

/// <summary>Looks up how large tables really are.</summary>
internal static class TableSizes
{
    /// <param name="database">The connection string of the database whose sizes count.</param>
    /// <param name="tables">Quoted and qualified names.</param>
    /// <param name="cancellationToken">Ends the queries.</param>
    public static async Task<IReadOnlyDictionary<string, TableSize>> ReadAsync(
        string database, IReadOnlyCollection<string> tables, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(
            """
            SELECT name, pg_total_relation_size(c.oid), greatest(c.reltuples, 0)::bigint
              FROM unnest($1) name JOIN pg_class c ON c.oid = to_regclass(name)
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = tables.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sizes = new Dictionary<string, TableSize>();
        while (await reader.ReadAsync(cancellationToken))
        {
            sizes[reader.GetString(0)] = new TableSize(reader.GetInt64(1), reader.GetInt64(2));
        }

        return sizes;
    }
}
