using Npgsql;

namespace Projections.Following;

/// <summary>
/// The commit of locksteps where little has changed, which is most of them, in one round trip: all rows and checkpoints are one
/// batch, and the server makes one transaction of it. Whatever goes wrong with it, nothing is written, and the commit that takes
/// a step after the other finds out whose fault it is.
/// </summary>
/// <param name="system">The system.</param>
/// <param name="locksteps">Whose versions are committed.</param>
/// <param name="limit">How long a statement, or the wait for a lock, may take; <c>null</c> for as long as it takes.</param>
internal sealed class SmallCommit(ProjectionSystem system, IReadOnlyList<LockstepMembers> locksteps, TimeSpan? limit)
{
    private readonly List<LockstepMember> _candidates = [];

    // Where the statements of each lockstep's leading versions end.
    private readonly List<int> _ends = [];

    /// <summary>Whether it was tried, and refused by the server.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Whose statement took longer than the limit; <c>null</c> for nobody's.</summary>
    public LockstepMembers? HeldUpBy { get; private set; }

    /// <returns>Whether it is committed. If not, nothing is written.</returns>
    public async Task<bool> TryRunAsync()
    {
        await using var batch = new NpgsqlBatch();
        try
        {
            if (!TryFill(batch))
            {
                return false;
            }

            await using var connection = await system.Steady.OpenConnectionAsync();
            batch.Connection = connection;
            await using var reader = await batch.ExecuteReaderAsync();
            await ChargeAsync(reader);
            return true;
        }
        catch (Exception exception) when (exception is PostgresException || DropOut.Of(exception, leads: false) is not null)
        {
            HasFailed = true;
            HeldUpBy = IsHeldUp(exception) ? OwnerOf(batch, (exception as PostgresException)?.BatchCommand) : null;
            return false;
        }
    }

    public static bool IsHeldUp(Exception exception) => (exception as PostgresException ?? exception.InnerException as PostgresException)?.SqlState
        is PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable;

    public static string Milliseconds(TimeSpan? limit) => FormattableString.Invariant($"{(long)(limit ?? TimeSpan.Zero).TotalMilliseconds}ms");

    private bool TryFill(NpgsqlBatch batch)
    {
        if (locksteps.Any(members => members.SomeLeave))
        {
            return false;
        }

        if (limit is not null)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("select set_config('statement_timeout', $1, true), set_config('lock_timeout', $1, true)")
            {
                Parameters = { new NpgsqlParameter<string> { TypedValue = Milliseconds(limit) } },
            });
        }

        if (!locksteps.All(members => TryAddLeaders(batch, members)) || !locksteps.All(members => TryAddCandidates(batch, members)))
        {
            return false;
        }

        AddCheckpoints(batch);
        return true;
    }

    private bool TryAddLeaders(NpgsqlBatch batch, LockstepMembers members)
    {
        foreach (var member in members)
        {
            if (members.Leads(member) && !member.Fold.TryAddTo(batch))
            {
                return false;
            }
        }

        _ends.Add(batch.BatchCommands.Count);
        return true;
    }

    private bool TryAddCandidates(NpgsqlBatch batch, LockstepMembers members)
    {
        foreach (var member in members)
        {
            if (!members.Leads(member) && member.Fold.HasChanges)
            {
                AddLimit(batch, Math.Max(1, (long)member.Share.Left.TotalMilliseconds));
                if (!member.Fold.TryAddTo(batch))
                {
                    return false;
                }

                AddLimit(batch, (long)(limit ?? TimeSpan.Zero).TotalMilliseconds);
                _candidates.Add(member);
            }
        }

        return true;
    }

    /// <summary>The last statements, so that the versions' rows are locked for a moment only: by name and number, as everybody does who locks several.</summary>
    private void AddCheckpoints(NpgsqlBatch batch)
    {
        foreach (var member in locksteps.SelectMany(members => members))
        {
            member.Fold.AddAdvanceTo(batch);
        }

        // What counts of it depends on which version is live, and where.
        foreach (var member in locksteps.SelectMany(members => members))
        {
            member.Fold.AddCapturedTo(batch);
        }
    }

    /// <summary>Limits the time of each of the following statements, and tells how long the transaction has lasted.</summary>
    private static void AddLimit(NpgsqlBatch batch, long milliseconds) => batch.BatchCommands.Add(
        new NpgsqlBatchCommand("select set_config('statement_timeout', $1, true), clock_timestamp() - now()")
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = FormattableString.Invariant($"{milliseconds}ms") } },
        });

    /// <summary>Charges each candidate with the time that its rows took, by the server's clock.</summary>
    private async Task ChargeAsync(NpgsqlDataReader reader)
    {
        if (limit is not null)
        {
            await reader.NextResultAsync();
        }

        var leaders = TimeSpan.Zero;
        for (var i = 0; i < _candidates.Count; i++)
        {
            var began = await TimeAsync(reader);
            leaders = i == 0 ? began / locksteps.Count : leaders;
            _candidates[i].Share.Charge(await TimeAsync(reader) - began, leaders);
        }

        // The rest has to be read to learn that nothing failed.
        while (await reader.NextResultAsync())
        {
        }
    }

    /// <summary>Whose rows a statement was to write, if those of a leading version.</summary>
    private LockstepMembers? OwnerOf(NpgsqlBatch batch, NpgsqlBatchCommand? statement)
    {
        var index = statement is null ? int.MaxValue : batch.BatchCommands.IndexOf(statement);
        var owner = _ends.FindIndex(end => index < end);
        return owner < 0 ? null : locksteps[owner];
    }

    private static async Task<TimeSpan> TimeAsync(NpgsqlDataReader reader)
    {
        await reader.ReadAsync();
        var time = reader.GetTimeSpan(1);
        await reader.NextResultAsync();
        return time;
    }
}
