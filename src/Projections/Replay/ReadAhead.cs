using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Replay;

/// <summary>Lets a source read on while the batches before are being folded and written.</summary>
internal static class ReadAhead
{
    /// <summary>Yields the batches of <paramref name="source"/>, of which at most <paramref name="batches"/> wait in memory.</summary>
    public static async IAsyncEnumerable<EventBatch> ReadAheadAsync(
        this IAsyncEnumerable<EventBatch> source, int batches, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var channel = Channel.CreateBounded<EventBatch>(new BoundedChannelOptions(batches) { SingleReader = true, SingleWriter = true });
        var reading = Task.Run(() => PumpAsync(source, channel.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var batch in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return batch;
            }
        }
        finally
        {
            await stop.CallOffAsync();
            await reading;
            while (channel.Reader.TryRead(out var left))
            {
                left.Dispose();
            }
        }
    }

    private static async Task PumpAsync(IAsyncEnumerable<EventBatch> source, ChannelWriter<EventBatch> writer, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var batch in source.WithCancellation(cancellationToken))
            {
                try
                {
                    await writer.WriteAsync(batch, cancellationToken);
                }
                catch
                {
                    batch.Dispose();
                    throw;
                }
            }

            writer.Complete();
        }
        catch (Exception exception)
        {
            // The reader of the channel gets it, behind the batches that were read before.
            writer.Complete(exception);
        }
    }
}
