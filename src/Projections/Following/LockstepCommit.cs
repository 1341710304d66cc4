using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Postgres;
using Projections.Telemetry;

namespace Projections.Following;

/// <summary>Writes the tables and checkpoints of all versions of a lockstep in one transaction, with those of its group or alone, and lets go of those that leave.</summary>
internal sealed class LockstepCommit(ProjectionSystem system, ProjectionName projection, LockstepMembers members, GroupSeat seat)
{
    /// <summary>How long a checkpoint may lag when the events that came by concern none of the versions. Saves a commit for
    /// each event of the others.</summary>
    public static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(1);

    private readonly Actor _actor = new(system.Name);
    private long _committedAt = system.Time.GetTimestamp();

    public ProjectionName Projection => projection;

    public LockstepMembers Members => members;

    private bool IsDue => members.AreBeyondCheckpoint && system.Time.GetElapsedTime(_committedAt) >= IdleInterval;

    /// <summary>Commits with the group, as soon as all have folded as far.</summary>
    /// <param name="handled">Whether there are events to commit; if not, it can wait.</param>
    /// <exception cref="LeaseLost">Another worker has taken over; nothing was committed.</exception>
    public async Task RunWithGroupAsync(bool handled)
    {
        var wants = handled || members.SomeLeave || IsDue;
        var began = system.Time.GetTimestamp();
        var outcome = await seat.ArriveAsync(this, wants);
        if (outcome == GroupOutcome.Committed)
        {
            await DoneAsync(began);
        }
        else if (outcome == GroupOutcome.Alone && wants)
        {
            await RunAsync();
        }
    }

    /// <summary>Commits what has been read, if the checkpoints lag long enough.</summary>
    public Task RunIfDueAsync() => IsDue ? RunAsync() : Task.CompletedTask;

    /// <summary>
    /// Commits what has been folded, if anything, before something that commits one version alone and would take it ahead of the others. The group does
    /// not wait for that.
    /// </summary>
    public Task RunIfBeyondAsync()
    {
        seat.Leave();
        return members.AreBeyondCheckpoint ? RunAsync() : Task.CompletedTask;
    }

    /// <summary>Commits, alone.</summary>
    /// <exception cref="MemberUnwritable">The rows of a leading version cannot be written; nothing was committed.</exception>
    /// <exception cref="LeaseLost">Another worker has taken over; nothing was committed.</exception>
    public async Task RunAsync()
    {
        var began = system.Time.GetTimestamp();
        if (!await new SmallCommit(system, [members], limit: null).TryRunAsync())
        {
            await RunStepByStepAsync();
        }

        await DoneAsync(began);
    }

    /// <summary>Lets versions go that have failed outside of a commit.</summary>
    public async Task DropAsync(IEnumerable<LockstepMember> failed, DropOut dropOut)
    {
        seat.Leave();
        await using var connection = await system.ReadModels.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (var member in failed)
        {
            members.LogLeaving(member, dropOut.Reason);
            await LockstepEntry.LeaveAsync(connection, member.Lease, dropOut, _actor, CancellationToken.None);
        }

        await transaction.CommitAsync();
    }

    /// <summary>Writes the rows in the transaction that is open on <paramref name="connection"/>. Candidates that cannot are marked to leave.</summary>
    /// <exception cref="MemberUnwritable">The rows of a leading version cannot be written.</exception>
    public async Task WriteAsync(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        var began = system.Time.GetTimestamp();
        var leaders = TimeSpan.Zero;
        foreach (var member in members.Where(member => member.Leaving is null).OrderByDescending(members.Leads))
        {
            await WriteAsync(member, connection, transaction, leaders);
            leaders = members.Leads(member) ? system.Time.GetElapsedTime(began) : leaders;
        }
    }

    /// <summary>Moves the checkpoints, or lets go of those that leave; the last statements before the commit.</summary>
    /// <exception cref="LeaseLost">Another worker has taken over.</exception>
    public async Task SettleAsync(NpgsqlConnection connection)
    {
        foreach (var member in members)
        {
            await (member.Leaving is { } leaving
                ? LockstepEntry.LeaveAsync(connection, member.Lease, leaving, _actor, CancellationToken.None)
                : member.Fold.AdvanceAsync(connection, CancellationToken.None));
        }

        // Behind all of them: what counts of it depends on which version is live, and where.
        foreach (var member in members.Where(member => member.Leaving is null))
        {
            await member.Fold.WriteCapturedAsync(connection, CancellationToken.None);
        }
    }

    private async Task RunStepByStepAsync()
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await WriteAsync(connection, transaction);
        await SettleAsync(connection);
        await transaction.CommitAsync();
    }

    private async Task DoneAsync(long began)
    {
        foreach (var member in members.Where(member => member.Leaving is null))
        {
            member.Fold.Committed();
        }

        _committedAt = system.Time.GetTimestamp();
        Instruments.CommitDuration.Record(system.Time.GetElapsedTime(began, _committedAt).TotalSeconds, Instruments.Of(system.Database, projection, [new("work", "following")]));
        foreach (var member in members.Where(member => member.Leaving is not null).ToList())
        {
            await members.RemoveAsync(member, member.Leaving!.Reason);
        }
    }

    private async Task WriteAsync(LockstepMember member, NpgsqlConnection connection, NpgsqlTransaction transaction, TimeSpan leaders)
    {
        if (members.Leads(member))
        {
            try
            {
                await member.Fold.WriteAsync(connection, member.Lease.Lost);
            }
            catch (Exception exception) when (DropOut.Of(exception, leads: true) is { } failure)
            {
                throw new MemberUnwritable(member, failure, exception);
            }
        }
        else if (member.Fold.HasChanges)
        {
            await WriteCandidateAsync(member, connection, transaction, leaders);
        }
    }

    /// <summary>A candidate's rows are written behind a savepoint and within its share of time: its failure is its own.</summary>
    private async Task WriteCandidateAsync(LockstepMember member, NpgsqlConnection connection, NpgsqlTransaction transaction, TimeSpan leaders)
    {
        var left = Math.Max(1, (long)(member.Share.Left + leaders).TotalMilliseconds);
        var began = system.Time.GetTimestamp();
        await transaction.SaveAsync("candidate");
        try
        {
            await connection.ExecuteAsync("select set_config('statement_timeout', $1, true)", CancellationToken.None, $"{left}ms");
            await member.Fold.WriteAsync(connection, member.Lease.Lost);
            await connection.ExecuteAsync("select set_config('statement_timeout', '0', true)", CancellationToken.None);
            await transaction.ReleaseAsync("candidate");
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            await transaction.RollbackAsync("candidate");
            member.Leaving = DropOut.TooSlow(member.Id, system.Options.CandidateShare);
        }
        catch (Exception exception) when (DropOut.Of(exception, leads: false) is { } failure)
        {
            await transaction.RollbackAsync("candidate");
            member.Leaving = failure;
        }

        member.Share.Charge(system.Time.GetElapsedTime(began), leaders);
    }
}
