using Projections.Events;

namespace Projections.SqlProjections;

/// <summary>Turns the events of one name into statements.</summary>
internal abstract class StatementRoute
{
    public abstract void Decode(RecordedEvent[] batch, int index, DecodedEvents? decoded);

    /// <summary>The statements of the event decoded last.</summary>
    public abstract PendingStatement[] Statements(RecordedEvent[] batch, int index);
}

/// <inheritdoc/>
internal sealed class StatementRoute<TEvent>(EventDecoder<TEvent> decoder, SqlStatement<TEvent>[] statements) : StatementRoute
{
    private TEvent _decoded = default!;

    public override void Decode(RecordedEvent[] batch, int index, DecodedEvents? decoded) =>
        _decoded = decoded is not null && decoded.TryGet(index, decoder, out var data) ? data : decoder.Decode(batch[index]);

    public override PendingStatement[] Statements(RecordedEvent[] batch, int index)
    {
        var e = new Event<TEvent>(batch, index, _decoded);
        var pending = new PendingStatement[statements.Length];
        for (var i = 0; i < pending.Length; i++)
        {
            pending[i] = statements[i].For(e);
        }

        return pending;
    }
}
