using Npgsql;

namespace Projections.SqlProjections;

/// <summary>A statement with an event's values. Made into a command each time it runs: the driver's objects do not survive a failure.</summary>
internal readonly record struct PendingStatement(string Sql, (string Name, object? Value)[] Parameters)
{
    public NpgsqlBatchCommand ToCommand()
    {
        var command = new NpgsqlBatchCommand(Sql);
        foreach (var (name, value) in Parameters)
        {
            command.Parameters.Add(new NpgsqlParameter(name, value ?? DBNull.Value));
        }

        return command;
    }

    /// <summary>About how much memory it takes until it runs.</summary>
    public long Bytes
    {
        get
        {
            long bytes = 24;
            foreach (var (_, value) in Parameters)
            {
                bytes += 16 + value switch
                {
                    null => 0,
                    string text => 22 + (2 * text.Length),
                    byte[] binary => 24 + binary.Length,
                    Array array => 24 + (24L * array.Length),
                    _ => 32,
                };
            }

            return bytes;
        }
    }
}
