using Npgsql;
using Projections.Events;

namespace Projections.Statements;

/// <summary>A statement and how an event gives its parameters.</summary>
internal sealed record SqlStatement<TEvent>(string Sql, Func<Event<TEvent>, (string Name, object? Value)[]> Parameters)
{
    public NpgsqlBatchCommand For(in Event<TEvent> e)
    {
        var command = new NpgsqlBatchCommand(Sql);
        foreach (var (name, value) in Parameters(e))
        {
            command.Parameters.Add(new NpgsqlParameter(name, value ?? DBNull.Value));
        }

        return command;
    }
}
