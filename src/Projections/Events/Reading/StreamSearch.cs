namespace Projections.Events.Reading;

/// <summary>Finds an event by reading its stream, in a source that has no better way.</summary>
internal sealed class StreamSearch(IEventSource source)
{
    /// <inheritdoc cref="IEventSource.LocateAsync"/>
    public async Task<EventPosition?> LocateAsync(EventReference reference, CancellationToken cancellationToken) => reference switch
    {
        EventReference.AtPosition at => at.Position,
        EventReference.InStream one => await FindAsync(one, cancellationToken),
        _ => throw new EventSourceUnusable($"{source.Identity} finds no event by its id. Name it by its stream and version, or by its position."),
    };

    private async Task<EventPosition?> FindAsync(EventReference.InStream wanted, CancellationToken cancellationToken)
    {
        var head = await source.GetSafeHeadAsync(cancellationToken);
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, new EventFilter(Streams: [wanted.Stream]), cancellationToken))
        {
            using (batch)
            {
                if (PositionIn(batch, wanted) is { } position)
                {
                    return position;
                }
            }
        }

        return null;
    }

    private static EventPosition? PositionIn(EventBatch batch, EventReference.InStream wanted)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            ref readonly var one = ref batch.Events[i];
            if (one.StreamVersion == wanted.Version && (wanted.Tenant is null || one.Tenant == wanted.Tenant))
            {
                return one.Position;
            }
        }

        return null;
    }
}
