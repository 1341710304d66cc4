using System.Text;
using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;
using Projections.Replay;

namespace Projections.Verification;

/// <summary>Folds the events of one row through several versions' handlers, one event at a time, and looks at the row after each.</summary>
internal sealed class StepByStep(NpgsqlConnection connection, IReadOnlyList<ScratchFold> folds, ComparisonPlan? comparison)
{
    private readonly Dictionary<ScratchFold, string> _stopped = [];
    private readonly Dictionary<ScratchFold, string?> _rows = [];

    public List<ExplainedStep> Steps { get; } = [];

    public async Task FoldAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        for (var index = 0; index < batch.Count; index++)
        {
            await FoldAsync(batch.Memory.Slice(index, 1), cancellationToken);
        }
    }

    private async Task FoldAsync(ReadOnlyMemory<RecordedEvent> one, CancellationToken cancellationToken)
    {
        var rows = new List<ExplainedRow>();
        foreach (var fold in folds)
        {
            rows.Add(await FoldAsync(fold, one, cancellationToken));
        }

        if (rows.Exists(row => row.Changed || row.Error is not null))
        {
            var agrees = comparison is null || (await new RowComparison(connection, comparison, ComparisonPace.Usual).RunAsync(cancellationToken)).Agrees;
            Steps.Add(Step(one.Span[0], rows, agrees));
        }
    }

    private async Task<ExplainedRow> FoldAsync(ScratchFold fold, ReadOnlyMemory<RecordedEvent> one, CancellationToken cancellationToken)
    {
        var version = fold.Definition.Id.Number;
        if (_stopped.ContainsKey(fold))
        {
            return new ExplainedRow(version, _rows.GetValueOrDefault(fold), Changed: false);
        }

        try
        {
            await fold.FoldAsync(one, cancellationToken);
        }
        catch (PoisonEvent poison)
        {
            _stopped.Add(fold, poison.Error);
            return new ExplainedRow(version, _rows.GetValueOrDefault(fold), Changed: false, poison.Error);
        }

        var error = fold.SetAside.Count > 0 ? fold.SetAside[^1].Error : null;
        if (!fold.HasChanges)
        {
            return new ExplainedRow(version, _rows.GetValueOrDefault(fold), Changed: false, error);
        }

        await fold.WriteAsync(cancellationToken);
        _rows[fold] = await connection.ScalarAsync<string>($"select to_jsonb(t)::text from {fold.Relation} as t", cancellationToken);
        return new ExplainedRow(version, _rows[fold], Changed: true, error);
    }

    private static ExplainedStep Step(in RecordedEvent recorded, List<ExplainedRow> rows, bool agrees) => new(
        recorded.Position,
        recorded.Stream.Text,
        recorded.StreamVersion,
        recorded.Type,
        recorded.Time,
        Encoding.UTF8.GetString(recorded.Data.Span),
        rows,
        agrees);
}
