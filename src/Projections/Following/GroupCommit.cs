using Npgsql;
using Projections.Postgres;

namespace Projections.Following;

/// <summary>
/// Writes the tables and checkpoints of several locksteps in one transaction. Whatever goes wrong with one of them is its own: it is left out, or
/// nothing is written at all; whoever is not committed then does it alone, as if there were no others, and finds out whose fault it is.
/// </summary>
/// <param name="system">The system.</param>
/// <param name="locksteps">Who has arrived.</param>
/// <param name="limit">How long a statement, or the wait for a lock, may take: the others wait for it, too.</param>
internal sealed class GroupCommit(ProjectionSystem system, IReadOnlyList<LockstepCommit> locksteps, TimeSpan limit)
{
    /// <summary>Whose statement took too long; <c>null</c> for nobody's.</summary>
    public LockstepCommit? HeldUpBy { get; private set; }

    /// <returns>Who is committed.</returns>
    /// <exception cref="Exception">The session broke; it is not known whether it is committed. As each commit proves where the checkpoints are, it
    /// cannot be done twice.</exception>
    public async Task<IReadOnlyCollection<LockstepCommit>> RunAsync()
    {
        // By name, the order in which everybody locks versions of several projections.
        var able = locksteps.Where(one => !one.Members.SomeLeave).OrderBy(one => one.Projection.Value, StringComparer.Ordinal).ToList();
        if (able.Count < 2)
        {
            return [];
        }

        var small = new SmallCommit(system, [.. able.Select(one => one.Members)], limit);
        if (await small.TryRunAsync())
        {
            return able;
        }

        if (small.HasFailed)
        {
            HeldUpBy = able.Find(one => one.Members == small.HeldUpBy);
            return [];
        }

        return await RunStepByStepAsync(able);
    }

    private async Task<IReadOnlyCollection<LockstepCommit>> RunStepByStepAsync(List<LockstepCommit> able)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var written = new List<LockstepCommit>();
        foreach (var one in able)
        {
            await transaction.SaveAsync("lockstep");
            await connection.ExecuteAsync(
                "select set_config('statement_timeout', $1, true), set_config('lock_timeout', $1, true)", CancellationToken.None, SmallCommit.Milliseconds(limit));
            try
            {
                await one.WriteAsync(connection, transaction);
                await transaction.ReleaseAsync("lockstep");
                written.Add(one);
            }
            catch (Exception exception)
            {
                // A session that is broken breaks this, too.
                await transaction.RollbackAsync("lockstep");
                HeldUpBy = SmallCommit.IsHeldUp(exception) ? one : HeldUpBy;
            }
        }

        try
        {
            foreach (var one in written)
            {
                await one.SettleAsync(connection);
            }

            await transaction.CommitAsync();
            return written;
        }
        catch (Exception exception) when (exception is PostgresException or Catalog.LeaseLost)
        {
            return [];
        }
    }
}
