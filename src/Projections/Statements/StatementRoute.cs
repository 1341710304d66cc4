using Npgsql;
using Projections.Events;

namespace Projections.Statements;

/// <summary>Turns the events of one name into commands.</summary>
internal abstract class StatementRoute
{
    public abstract void Decode(in RecordedEvent recorded);

    /// <summary>The commands of the event decoded last.</summary>
    public abstract NpgsqlBatchCommand[] Commands(RecordedEvent[] batch, int index);
}

/// <inheritdoc/>
internal sealed class StatementRoute<TEvent>(EventDecoder<TEvent> decoder, SqlStatement<TEvent>[] statements) : StatementRoute
{
    private TEvent _decoded = default!;

    public override void Decode(in RecordedEvent recorded) => _decoded = decoder.Decode(recorded);

    public override NpgsqlBatchCommand[] Commands(RecordedEvent[] batch, int index)
    {
        var e = new Event<TEvent>(batch, index, _decoded);
        var commands = new NpgsqlBatchCommand[statements.Length];
        for (var i = 0; i < commands.Length; i++)
        {
            commands[i] = statements[i].For(e);
        }

        return commands;
    }
}
