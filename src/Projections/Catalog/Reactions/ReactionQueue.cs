using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;
using Projections.Reactions;

namespace Projections.Catalog.Reactions;

/// <summary>A message that waits to be passed on.</summary>
/// <param name="Number">Its place in the outbox.</param>
/// <param name="Id">The same each time that it is passed on, so that a repetition can be known.</param>
/// <param name="Reaction">Whose it is.</param>
/// <param name="Position">The position of the event that it follows from.</param>
/// <param name="Body">The message itself, an object of its class.</param>
internal sealed record WaitingMessage(long Number, Guid Id, Reaction Reaction, EventPosition Position, object Body)
{
    public override string ToString() => $"the message {Id} of {Reaction}";
}

/// <summary>
/// The messages that nobody has passed on yet. Those of a reaction that this program cannot make an object of wait, with all that came after them of the same
/// reaction, for one that can.
/// </summary>
internal sealed partial class ReactionQueue(ProjectionSystem system) : IOutbox<WaitingMessage>
{
    private readonly ILogger _logger = system.Loggers.CreateLogger<ReactionQueue>();

    // Looked at anew where a relay begins anew: another program may have taken them in the meantime.
    private readonly Dictionary<string, string> _stuck = new(StringComparer.Ordinal);

    public string Name => "messages of reactions";

    /// <summary>This one spells "mess".</summary>
    public long Lock => 0x6D657373;

    public string Channel => ReactionOutbox.Channel;

    public async Task<IReadOnlyList<WaitingMessage>> ReadAsync(NpgsqlConnection connection, int limit, CancellationToken cancellationToken)
    {
        while (true)
        {
            var stuck = _stuck.Count;
            var messages = new List<WaitingMessage>();
            foreach (var row in await ReadRowsAsync(connection, limit, cancellationToken))
            {
                if (!_stuck.ContainsKey(KeyOf(row)) && TryRead(row) is { } message)
                {
                    messages.Add(message);
                }
            }

            // What is stuck must not fill what is read at once.
            if (messages.Count > 0 || stuck == _stuck.Count)
            {
                return messages;
            }
        }
    }

    public Task PassedOnAsync(NpgsqlConnection connection, WaitingMessage item, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("delete from projections.message where number = $1", cancellationToken, item.Number);

    private async Task<List<Row>> ReadRowsAsync(NpgsqlConnection connection, int limit, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            """
            select number, id, projection, reaction, position_major, position_minor, type, body::text
            from projections.message where not (projection || '/' || reaction = any($2)) order by number limit $1
            """,
            row => new Row(
                row.GetInt64(0), row.GetGuid(1), new ProjectionName(row.GetString(2)), row.GetString(3), row.GetPosition(4)!.Value,
                new ReactionMessage(row.GetString(6), row.GetString(7))),
            cancellationToken,
            limit,
            _stuck.Keys.ToArray());

    private WaitingMessage? TryRead(Row row)
    {
        var problem = "this program has no such reaction";
        if (system.Registry.FindReaction(row.Projection, row.Reaction) is { } reaction)
        {
            try
            {
                if (reaction.Messages.ContainsKey(row.Message.Type))
                {
                    return new WaitingMessage(row.Number, row.Id, reaction, row.Position, reaction.Read(row.Message));
                }

                problem = $"in this program it sends no '{row.Message.Type}'";
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                problem = $"'{row.Message.Type}' cannot be read: {error.Message}";
            }
        }

        _stuck.Add(KeyOf(row), problem);
        LogStuck(_logger, row.Projection, row.Reaction, row.Position, problem);
        return null;
    }

    private static string KeyOf(Row row) => $"{row.Projection}/{row.Reaction}";

    private sealed record Row(long Number, Guid Id, ProjectionName Projection, string Reaction, EventPosition Position, ReactionMessage Message);

    [LoggerMessage(611, LogLevel.Error, "The messages of {Projection}/{Reaction} from position {Position} on wait for a program that can pass them on: {Problem}.")]
    private static partial void LogStuck(ILogger logger, ProjectionName projection, string reaction, EventPosition position, string problem);
}
