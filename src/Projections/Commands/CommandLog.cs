using System.Globalization;
using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Commands;

/// <summary>What came of a command that was carried out before.</summary>
/// <param name="Outcome">In a sentence.</param>
/// <param name="Version">The version that it concerned; <c>null</c> where a release before did not keep it.</param>
internal sealed record LoggedOutcome(string Outcome, int? Version);

/// <summary>A command that was carried out.</summary>
/// <param name="Verb">What was to be done.</param>
/// <param name="Version">The version that it concerned, if one.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Actor">Who asked, and why.</param>
/// <param name="From">From where it came; <c>null</c> when nobody knows.</param>
/// <param name="At">When.</param>
internal sealed record GivenCommand(string Verb, int? Version, string Outcome, Actor Actor, string? From, DateTime At);

/// <summary>Remembers commands by their ids, in the transaction that carries them out, so that a second delivery does nothing.</summary>
internal static class CommandLog
{
    /// <summary>What came of a command that was carried out before, or <c>null</c>.</summary>
    /// <exception cref="OperationRefused">The id was used before for another command.</exception>
    public static async Task<LoggedOutcome?> FindAsync(
        NpgsqlConnection connection, CommandIdentity? command, ProjectionName projection, CancellationToken cancellationToken)
    {
        if (command?.Id is not { } id)
        {
            return null;
        }

        var found = await connection.QueryAsync(
            "select verb, projection, arguments, outcome, version, who, at from projections.command where id = $1",
            row => (Verb: row.GetString(0), Projection: row.GetString(1), Arguments: row.GetNullable<string>(2),
                Outcome: new LoggedOutcome(row.GetString(3), row.GetNullableValue<int>(4)), Who: row.GetString(5), At: row.GetDateTime(6)),
            cancellationToken,
            id);
        if (found.SingleOrDefault() is not { Verb: not null } before)
        {
            return null;
        }

        return before.Verb == command.Verb && before.Projection == projection.Value && (before.Arguments is null || before.Arguments == command.Arguments)
            ? before.Outcome
            : throw new OperationRefused(string.Create(
                CultureInfo.InvariantCulture,
                $"Cannot {command.Verb} '{projection}' under the command id {id}: it was used by {before.Who} at {before.At:yyyy-MM-dd HH:mm:ss} UTC for another command, '{before.Verb}' of '{before.Projection}' ({before.Outcome.Outcome.TrimEnd('.')}). Give each command an id of its own; nothing was done."));
    }

    /// <summary>The commands that changed something, newest first.</summary>
    public static async Task<IReadOnlyList<GivenCommand>> ReadAsync(ProjectionCatalog catalog, ProjectionName projection, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await catalog.ReadModels.OpenConnectionAsync(cancellationToken);
        return await connection.QueryAsync(
            "select verb, version, outcome, who, why, origin, at from projections.command where projection = $1 and verb <> 'check' order by at desc limit $2",
            row => new GivenCommand(
                row.GetString(0), row.GetNullableValue<int>(1), row.GetString(2), new Actor(row.GetString(3), row.GetNullable<string>(4)), row.GetNullable<string>(5), row.GetDateTime(6)),
            cancellationToken,
            projection.Value,
            limit);
    }

    /// <summary>Whether a transaction failed because the same command was carried out by another at the same moment.</summary>
    public static bool IsDuplicate(PostgresException exception) =>
        exception is { SqlState: PostgresErrorCodes.UniqueViolation, SchemaName: "projections", TableName: "command" };

    /// <summary>Records a command; one that arrives twice at the same moment fails here the second time and is rolled back.</summary>
    /// <param name="connection">Where the transaction is open that carries it out.</param>
    /// <param name="command">The command, or <c>null</c> when it cannot come again.</param>
    /// <param name="projection">The projection.</param>
    /// <param name="version">The version that it concerned, if one.</param>
    /// <param name="outcome">What came of it.</param>
    /// <param name="actor">Who asked.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    public static async Task RecordAsync(
        NpgsqlConnection connection, CommandIdentity? command, ProjectionName projection, int? version, string outcome, Actor actor, CancellationToken cancellationToken)
    {
        if (command?.Id is { } id)
        {
            await connection.ExecuteAsync(
                "insert into projections.command (id, verb, projection, arguments, version, outcome, who, why, origin) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                cancellationToken,
                id, command.Verb, projection.Value, command.Arguments, version, outcome, actor.Who, actor.Why, command.From);
        }
    }
}
