using Projections.Definitions;
using Projections.Events;
using Projections.Tests.Tables;

namespace Projections.Tests.Folding;

/// <summary>Folds a scenario's history step by step, as an engine would that crashes now and then and resumes from its checkpoint.</summary>
internal sealed class LedgerRun(VersionTable table, LedgerScenario scenario, int partitions = 1) : IDisposable
{
    private readonly RecordedEvent[] _history = scenario.Recorded();
    private IVersionFold _fold = table.Open(scenario.MemoryBytes, partitions: partitions);
    private int _folded;
    private int _committed;
    private bool _everCommitted;

    /// <summary>The positions of all events that were set aside and committed.</summary>
    public List<long> SetAside { get; } = [];

    public async Task RunAsync()
    {
        foreach (var step in scenario.Steps)
        {
            await StepAsync(step);
        }

        await FoldAsync(_history.Length - _folded);
        await CommitAsync();
    }

    public void Dispose() => _fold.Dispose();

    private async Task StepAsync(byte step)
    {
        switch (step % 16)
        {
            case 0 or 1 or 2 or 3:
                await CommitAsync();
                break;
            case 4:
                Forget();
                break;
            case 5:
                await table.WriteAndRollBackAsync(_fold);
                Forget();
                break;
            case 6:
                _fold.Dispose();
                _fold = table.Open(scenario.MemoryBytes, tableIsEmpty: !_everCommitted, partitions);
                _folded = _committed;
                break;
            default:
                // Some ten or twenty steps to the end of the history, so that there is a before and an after.
                await FoldAsync(1 + (step / 16 * _history.Length / 100));
                break;
        }
    }

    private async Task FoldAsync(int events)
    {
        var batch = _history.AsMemory(_folded, Math.Min(events, _history.Length - _folded));
        await _fold.FoldAsync(batch, table.Connection, CancellationToken.None);
        _folded += batch.Length;
    }

    private async Task CommitAsync()
    {
        await table.CommitAsync(_fold, setAside => SetAside.AddRange(setAside.Select(e => e.Position.Major)));
        _everCommitted = true;
        _committed = _folded;
    }

    private void Forget()
    {
        _fold.Forget();
        _folded = _committed;
    }
}
