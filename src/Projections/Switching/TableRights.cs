using Npgsql;
using Projections.Tables;

namespace Projections.Switching;

/// <summary>
/// The rights on a version's own table that its readers need behind the read name: the view's owner reads it for them or,
/// where the view runs with its readers' rights, they read it themselves.
/// </summary>
internal static class TableRights
{
    public static async Task PassOnAsync(NpgsqlConnection connection, string schema, ReadName? view, string table, CancellationToken cancellationToken)
    {
        if (view is not { IsView: true })
        {
            return;
        }

        var quoted = SqlName.Quote(schema, table);
        var readers = view.RunsWithReadersRights
            ? (view.Rights ?? []).Where(right => right.Privilege == "SELECT").Select(right => right.Grantee).Distinct()
            : [view.Owner];
        foreach (var reader in readers)
        {
            var may = reader is not null
                && await connection.ScalarAsync<bool>("select has_table_privilege($1, $2, 'select')", cancellationToken, reader, quoted);
            if (!may)
            {
                await connection.ExecuteAsync($"grant select on {quoted} to {(reader is null ? "public" : SqlName.Quote(reader))}", cancellationToken);
            }
        }
    }
}
