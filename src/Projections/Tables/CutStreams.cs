using Projections.Definitions;
using Projections.Events;

namespace Projections.Tables;

/// <summary>
/// Which streams have lost their beginning, asked of the source when an event finds no row. Those that have are remembered; a stream that has its
/// beginning is asked for again when another of its events finds no row.
/// </summary>
/// <param name="choice">What becomes of such streams.</param>
/// <param name="hasLostBeginning">Asks the source about the stream of an event.</param>
internal sealed class CutStreams(StreamsWithoutBeginning choice, Func<RecordedEvent, CancellationToken, Task<bool>> hasLostBeginning)
{
    // About 10 MB. Those that are forgotten are asked for again.
    private const int MostRemembered = 100_000;

    private readonly HashSet<(string? Tenant, StreamId Stream)> _known = [];

    /// <summary>What becomes of an event that finds no row, as far as its stream is known.</summary>
    public StreamsWithoutBeginning ChoiceFor(in RecordedEvent one) =>
        _known.Count > 0 && _known.Contains((one.Tenant, one.Stream)) ? choice : StreamsWithoutBeginning.Fail;

    /// <summary>Looks at the stream of an event.</summary>
    public async ValueTask LookAsync(RecordedEvent one, CancellationToken cancellationToken)
    {
        if (await hasLostBeginning(one, cancellationToken))
        {
            if (_known.Count == MostRemembered)
            {
                _known.Clear();
            }

            _known.Add((one.Tenant, one.Stream));
        }
    }
}
