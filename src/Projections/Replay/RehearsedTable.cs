using Npgsql;
using Projections.Definitions;
using Projections.Postgres;
using Projections.Tables;

namespace Projections.Replay;

/// <summary>
/// A version's table, made by its own file where nobody else sees it: a temporary one or, as Citus distributes no temporary tables, one in a schema of its own. It is
/// gone with the transaction, which must be rolled back.
/// </summary>
/// <param name="Schema">The schema that it is in.</param>
/// <param name="Kind">Where its rows would be.</param>
internal sealed record RehearsedTable(string Schema, TableKind Kind)
{
    /// <summary>The schema of the session's temporary tables.</summary>
    public const string Temporary = "pg_temp";

    /// <exception cref="PostgresException"><c>table.sql</c> fails.</exception>
    public static async Task<RehearsedTable> CreateAsync(
        ProjectionSystem system, NpgsqlConnection connection, ProjectionVersion definition, CancellationToken cancellationToken)
    {
        if (await TableKinds.CanDistributeAsync(connection, cancellationToken) && await TryDistributedAsync(system, connection, definition, cancellationToken) is { } distributed)
        {
            return distributed;
        }

        await ShadowAsync(system, connection, Temporary, cancellationToken);
        await connection.ExecuteAsync(definition.Files.TableSql, cancellationToken);
        return new RehearsedTable(Temporary, await TableKinds.OfAsync(connection, SqlName.Quote(Temporary, definition.Id.Table), cancellationToken));
    }

    /// <summary>Puts an empty temporary table with the same columns, key and constraints in its place, which can be filled without other servers.</summary>
    public static async Task MakeLocalAsync(ProjectionSystem system, NpgsqlConnection connection, ProjectionVersion definition, RehearsedTable made, CancellationToken cancellationToken)
    {
        await ShadowAsync(system, connection, Temporary, cancellationToken);
        await connection.ExecuteAsync($"{CopyOf(made.Schema, definition.Id.Table)}; drop schema {SqlName.Quote(made.Schema)} cascade", cancellationToken);
    }

    /// <summary>The statement that makes an empty temporary table of the same name as another one.</summary>
    public static string CopyOf(string schema, string table) =>
        $"""
        create temporary table {SqlName.Quote(table)}
            (like {SqlName.Quote(schema, table)}
             including defaults including constraints including generated including identity including indexes)
            on commit drop
        """;

    /// <summary>Tables that are created without a schema are in this one, and are found before the real ones.</summary>
    public static Task<int> ShadowAsync(ProjectionSystem system, NpgsqlConnection connection, string schema, CancellationToken cancellationToken) =>
        connection.ExecuteAsync($"set local search_path to {SqlName.Quote(schema)}, {SqlName.Quote(system.Options.Schema)}", cancellationToken);

    /// <returns><c>null</c> when its file distributes nothing; then nothing is left of it.</returns>
    private static async Task<RehearsedTable?> TryDistributedAsync(
        ProjectionSystem system, NpgsqlConnection connection, ProjectionVersion definition, CancellationToken cancellationToken)
    {
        var schema = $"projections_rehearsal_{Guid.NewGuid():n}";
        await connection.ExecuteAsync($"savepoint rehearsal; create schema {SqlName.Quote(schema)}", cancellationToken);
        await ShadowAsync(system, connection, schema, cancellationToken);
        await connection.ExecuteAsync(definition.Files.TableSql, cancellationToken);
        if (await TableKinds.OfAsync(connection, SqlName.Quote(schema, definition.Id.Table), cancellationToken) == TableKind.Distributed)
        {
            return new RehearsedTable(schema, TableKind.Distributed);
        }

        await connection.ExecuteAsync("rollback to savepoint rehearsal; release savepoint rehearsal", cancellationToken);
        return null;
    }
}
