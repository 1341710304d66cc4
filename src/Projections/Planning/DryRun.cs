using Npgsql;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;
using Projections.Replay;

namespace Projections.Planning;

/// <summary>
/// Rehearses a rebuild on a part of the streams, into a temporary table, and tells what the whole would be like. All events that
/// fail are found, not only the first.
/// </summary>
internal sealed class DryRun(ProjectionSystem system)
{
    /// <param name="projection">The projection.</param>
    /// <param name="to">The version, or <c>null</c> for the newest.</param>
    /// <param name="share">Which part of the streams to fold, above 0 and up to 1.</param>
    /// <param name="cancellationToken">Cancels the rehearsal; nothing is left of it.</param>
    /// <exception cref="OperationRefused">There is no such version, or its table cannot be created.</exception>
    public async Task<DryRunReport> RunAsync(ProjectionName projection, int? to, double share, CancellationToken cancellationToken)
    {
        var definition = DeclaredVersion.Choose(system.Registry, projection, to, "rehearse");
        var failures = new FailureTally();
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        using var scratch = await OpenAsync(connection, definition, failures, cancellationToken);
        var reading = new Reading(definition, new StreamSample(share), system.Time);
        var began = system.Time.GetTimestamp();
        var upTo = (await system.Source.GetSafeHeadAsync(cancellationToken)).Position;
        // All types, so that those that nobody handles are seen.
        var everything = new EventFilter(null, definition.StreamCategory);
        await foreach (var batch in system.Source.History.ReadAsync(EventPosition.BeforeFirst, upTo, everything, cancellationToken).ReadAheadAsync(2, cancellationToken))
        {
            using (batch)
            {
                await reading.FoldAsync(batch, scratch, cancellationToken);
            }
        }

        await reading.WriteAsync(scratch, cancellationToken);
        var measured = await ScratchMeasures.TakeAsync(connection, transaction, definition, scratch.Relation, cancellationToken);
        var whole = system.Time.GetElapsedTime(began) - reading.Folding;
        var handled = reading.Read == 0 ? 1 : (double)reading.Handled / reading.Read;
        return new DryRunReport(
            definition.Id,
            share,
            reading.Read,
            reading.Folded,
            measured.Rows,
            reading.Folding > TimeSpan.Zero ? reading.Folded / reading.Folding.TotalSeconds : 0,
            (whole * handled) + (reading.Folding / share),
            (long)(measured.Bytes / share),
            failures.All,
            reading.Unhandled,
            measured.ColumnsNeverSet,
            measured.Problem);
    }

    private async Task<ScratchFold> OpenAsync(NpgsqlConnection connection, ProjectionVersion definition, FailureTally failures, CancellationToken cancellationToken)
    {
        try
        {
            return await ScratchFold.RehearseAsync(system, connection, definition, failures.Add, cancellationToken);
        }
        catch (PostgresException exception) when (!PassingFault.Is(exception))
        {
            throw new OperationRefused($"Cannot rehearse {definition.Id}: {definition.Files.Folder}/table.sql fails: {exception.Words}. Mend the file.");
        }
    }

    /// <summary>What is counted along the way.</summary>
    private sealed class Reading(ProjectionVersion definition, StreamSample sample, TimeProvider time)
    {
        private readonly Dictionary<string, long> _unhandled = new(StringComparer.Ordinal);
        private readonly List<RecordedEvent> _taken = [];

        public long Read { get; private set; }

        public long Handled { get; private set; }

        public long Folded { get; private set; }

        public TimeSpan Folding { get; private set; }

        public IReadOnlyDictionary<string, long> Unhandled => _unhandled;

        public async Task FoldAsync(EventBatch batch, ScratchFold scratch, CancellationToken cancellationToken)
        {
            Take(batch.Events);
            var began = time.GetTimestamp();
            await scratch.FoldAsync(_taken.ToArray(), cancellationToken);
            Folding += time.GetElapsedTime(began);
            Folded += _taken.Count;
        }

        public async Task WriteAsync(ScratchFold scratch, CancellationToken cancellationToken)
        {
            var began = time.GetTimestamp();
            await scratch.WriteAsync(cancellationToken);
            Folding += time.GetElapsedTime(began);
        }

        private void Take(ReadOnlySpan<RecordedEvent> events)
        {
            _taken.Clear();
            foreach (ref readonly var recorded in events)
            {
                Read++;
                if (!definition.EventTypeNames.Contains(recorded.Type))
                {
                    _unhandled[recorded.Type] = _unhandled.GetValueOrDefault(recorded.Type) + 1;
                    continue;
                }

                Handled++;
                if (sample.Takes(recorded.Stream))
                {
                    _taken.Add(recorded);
                }
            }
        }
    }
}
