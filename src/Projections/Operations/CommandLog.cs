using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Tables;

namespace Projections.Operations;

/// <summary>Remembers commands by their ids, in the transaction that carries them out, so that a second delivery does nothing.</summary>
internal static class CommandLog
{
    /// <summary>What came of a command that was carried out before, or <c>null</c>.</summary>
    public static async Task<string?> FindAsync(NpgsqlConnection connection, Guid? commandId, CancellationToken cancellationToken) =>
        commandId is { } id
            ? await connection.ScalarAsync<string>("select outcome from projections.command where id = $1", cancellationToken, id)
            : null;

    /// <summary>Whether a transaction failed because the same command was carried out by another at the same moment.</summary>
    public static bool IsDuplicate(PostgresException exception) =>
        exception is { SqlState: PostgresErrorCodes.UniqueViolation, SchemaName: "projections", TableName: "command" };

    /// <summary>Records a command; one that arrives twice at the same moment fails here the second time and is rolled back.</summary>
    public static async Task RecordAsync(
        NpgsqlConnection connection, Guid? commandId, string verb, ProjectionName projection, string outcome, Actor actor, CancellationToken cancellationToken)
    {
        if (commandId is { } id)
        {
            await connection.ExecuteAsync(
                "insert into projections.command (id, verb, projection, outcome, who, why) values ($1, $2, $3, $4, $5, $6)",
                cancellationToken,
                id, verb, projection.Value, outcome, actor.Who, actor.Why);
        }
    }
}
