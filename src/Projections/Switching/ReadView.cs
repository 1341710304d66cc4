using System.Globalization;
using System.Text;
using Npgsql;
using Projections.Postgres;
using Projections.Switching.Access;

namespace Projections.Switching;

/// <summary>
/// Writes the view under a read name, in the caller's transaction. <c>CREATE OR REPLACE VIEW</c> keeps owner, grants and
/// comments but forgets the options it is not given; a view that must be dropped loses everything, and gets it back here.
/// </summary>
internal sealed class ReadView(string schema, string name)
{
    /// <summary>The name of the trigger that refuses writes; see step 002 of the catalog's schema.</summary>
    private const string Guard = "projections_read_only";

    private readonly string _quoted = SqlName.Quote(schema, name);

    /// <summary>Makes the view show <paramref name="table"/>.</summary>
    public async Task PointAsync(NpgsqlConnection connection, ReadName? before, ReadNameChange change, string table, bool writable, CancellationToken cancellationToken) =>
        await connection.ExecuteAsync(string.Join("; ", await PrepareAsync(connection, before, change, table, writable, cancellationToken)), cancellationToken);

    /// <summary>
    /// Does what can be done while readers go on: a view that is to be replaced as a whole is made under another name, with everything
    /// that belongs to it.
    /// </summary>
    /// <returns>The statements that are left, for the same transaction. The first of them locks the read name.</returns>
    public async Task<IReadOnlyList<string>> PrepareAsync(
        NpgsqlConnection connection, ReadName? before, ReadNameChange change, string table, bool writable, CancellationToken cancellationToken)
    {
        if (before is null || change.Manner != ChangeManner.Recreated)
        {
            var guarded = before is not null && await IsGuardedAsync(connection, cancellationToken);
            return [Definition(before, change, table), .. GuardSql(guarded, writable)];
        }

        var next = new ReadView(schema, string.Create(CultureInfo.InvariantCulture, $"projections_next_{before.Oid}"));
        await connection.ExecuteAsync(string.Join("; ", [next.Definition(before, change, table), .. next.GuardSql(guarded: false, writable)]), cancellationToken);
        await next.RestoreAsync(connection, before, change, cancellationToken);
        return [$"drop view {_quoted}", $"alter view {next._quoted} rename to {SqlName.Quote(name)}"];
    }

    /// <summary>Gives a relation the owner, rights and comments that another one had, as far as its columns go.</summary>
    public async Task RestoreAsync(NpgsqlConnection connection, ReadName before, ReadNameChange change, CancellationToken cancellationToken)
    {
        var sql = new StringBuilder();
        sql.AppendLine($"alter view {_quoted} owner to {SqlName.Quote(before.Owner)};");
        if (before.Comment is { } comment)
        {
            sql.AppendLine($"comment on view {_quoted} is {SqlName.Literal(comment)};");
        }

        foreach (var (column, text) in before.ColumnComments.Where(entry => change.Columns.Contains(entry.Key)))
        {
            sql.AppendLine($"comment on column {_quoted}.{SqlName.Quote(column)} is {SqlName.Literal(text)};");
        }

        await connection.ExecuteAsync(sql.ToString(), cancellationToken);
        await RestoreRightsAsync(connection, before.Rights, change, cancellationToken);
    }

    private string Definition(ReadName? before, ReadNameChange change, string table)
    {
        var options = before is { IsView: true, Options.Count: > 0 }
            ? $" with ({string.Join(", ", before.Options.Select(Option))})"
            : "";
        return $"""
            create {(change.Manner == ChangeManner.Replaced ? "or replace " : "")}view {_quoted}{options} as
            select {string.Join(", ", change.Columns.Select(SqlName.Quote))} from {SqlName.Quote(schema, table)}
            """;
    }

    private static string Option(string option)
    {
        var parts = option.Split('=', 2);
        return parts.Length == 2 ? $"{SqlName.Quote(parts[0])} = {SqlName.Literal(parts[1])}" : SqlName.Quote(parts[0]);
    }

    private async Task RestoreRightsAsync(NpgsqlConnection connection, IReadOnlyList<GrantedRight>? rights, ReadNameChange change, CancellationToken cancellationToken)
    {
        // The new view was born with the default privileges of its creator, which need not be what the old one had.
        var born = (await ReadName.ReadAsync(connection, schema, name, cancellationToken))!;
        if (rights is null && born.Rights is null)
        {
            return;
        }

        var grantees = (born.Rights ?? []).Select(right => right.Grantee).Append(born.Owner).Distinct().Select(SqlName.Role);
        await connection.ExecuteAsync($"revoke all on {_quoted} from {string.Join(", ", grantees)}", cancellationToken);
        if (rights is null)
        {
            await connection.ExecuteAsync($"grant all on {_quoted} to {SqlName.Quote(born.Owner)}", cancellationToken);
            return;
        }

        List<GrantedRight> kept = [.. rights.Where(right => right.Column is null || change.Columns.Contains(right.Column))];
        await GrantedRight.GiveAsync(connection, _quoted, born.Owner, kept, cancellationToken);
    }

    private Task<bool> IsGuardedAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>("select exists (select from pg_trigger where tgrelid = $1::regclass and tgname = $2)", cancellationToken, _quoted, Guard);

    private IReadOnlyList<string> GuardSql(bool guarded, bool writable) => (guarded, writable) switch
    {
        (true, true) => [$"drop trigger {Guard} on {_quoted}"],
        (false, false) => [$"create trigger {Guard} instead of insert or update or delete on {_quoted} for each row execute function projections.refuse_write()"],
        _ => [],
    };
}
