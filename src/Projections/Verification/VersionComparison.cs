using Npgsql;

namespace Projections.Verification;

/// <summary>A comparison of two versions that goes on from snapshot to snapshot.</summary>
/// <param name="connection">Where the snapshots are.</param>
/// <param name="versions">What is compared.</param>
/// <param name="rows">How.</param>
/// <param name="walk">The ranges that are left.</param>
/// <param name="underWay">How far it had come.</param>
/// <param name="inRanges">Whether each range has a snapshot of its own; otherwise one snapshot shows them all.</param>
/// <param name="pace">How long a snapshot may last.</param>
/// <param name="time">The clock of the limit for a snapshot.</param>
internal sealed class VersionComparison(
    NpgsqlConnection connection, ComparedVersions versions, RowComparison rows, KeyWalk walk, ComparisonUnderWay underWay, bool inRanges, ComparisonPace pace, TimeProvider time)
{
    public ComparedVersions Versions => versions;

    public ComparisonUnderWay UnderWay { get; private set; } = underWay;

    public bool IsOver => walk.IsOver;

    /// <summary>Whether rows differ that have to be looked at once more by <see cref="SettleAsync"/>.</summary>
    public bool IsInDoubt => rows.IsInDoubt;

    /// <summary>Compares the next range, or all, in a transaction. One that takes too long is given up, to be compared in others.</summary>
    public async Task ContinueAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(inRanges && walk.CanDivide && !walk.TakesTheRest ? pace.Limit : Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            do
            {
                var through = walk.Next.Through;
                Add(through, await rows.CompareNextAsync(walk, either.Token));
            }
            while (!inRanges && !walk.IsOver && !rows.IsInDoubt);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            walk.GiveUp(pace.Limit);
            return;
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Looks at what is in doubt, in a transaction that began while nothing changed.</summary>
    public async Task SettleAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var through = walk.Next.Through;
        Add(through, await rows.SettleAsync(walk, cancellationToken));
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Keeps in the catalog how far it has come, where another process could go on from there.</summary>
    public Task SaveAsync(CancellationToken cancellationToken) =>
        inRanges && UnderWay.Through is not null ? UnderWay.SaveAsync(connection, versions, cancellationToken) : Task.CompletedTask;

    private void Add(string[]? through, ComparisonResult? found)
    {
        if (found is not null)
        {
            UnderWay = UnderWay with { Through = through, Result = UnderWay.Result.And(found) };
        }
    }
}
