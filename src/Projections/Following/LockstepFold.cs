using Projections.Events;

namespace Projections.Following;

/// <summary>
/// Folds new events into the rows of all versions of a lockstep. A leading version takes the time that it takes; a candidate is
/// waited for only as long as its share lasts.
/// </summary>
internal sealed class LockstepFold(ProjectionSystem system, LockstepMembers members)
{
    /// <summary>Folds events, which end at <paramref name="through"/>, in memory. Who cannot is marked to leave.</summary>
    /// <returns>How many events the versions handled, all together.</returns>
    public async Task<int> FoldAsync(ReadOnlyMemory<RecordedEvent> events, EventPosition through)
    {
        var handled = 0;
        var began = system.Time.GetTimestamp();
        foreach (var member in members.Where(members.Leads))
        {
            handled += await FoldMemberAsync(member, events, through);
        }

        var leaders = system.Time.GetElapsedTime(began);
        foreach (var member in members.Where(member => !members.Leads(member) && member.Leaving is null))
        {
            handled += await FoldCandidateAsync(member, events, through, leaders);
        }

        members.Position = through;
        return handled;
    }

    private async Task<int> FoldMemberAsync(LockstepMember member, ReadOnlyMemory<RecordedEvent> events, EventPosition through)
    {
        if (member.Leaving is not null)
        {
            return 0;
        }

        try
        {
            return await member.Fold.FoldAsync(events, through, member.Lease.Lost);
        }
        catch (Exception exception) when (DropOut.Of(exception, members.Leads(member)) is { } failure)
        {
            member.Leaving = failure;
            return 0;
        }
    }

    /// <summary>Waits for a candidate's handler only as long as its share of time lasts.</summary>
    private async Task<int> FoldCandidateAsync(LockstepMember member, ReadOnlyMemory<RecordedEvent> events, EventPosition through, TimeSpan leaders)
    {
        if (events.IsEmpty)
        {
            return await member.Fold.FoldAsync(events, through, member.Lease.Lost);
        }

        var left = member.Share.Left + leaders;
        var began = system.Time.GetTimestamp();
        var folding = Task.Run(async () => await FoldMemberAsync(member, events, through));
        await ((Task)folding).WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, system.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        member.Share.Charge(system.Time.GetElapsedTime(began), leaders);
        if (folding.IsCompleted)
        {
            return await folding;
        }

        member.Abandon(folding);
        member.Leaving = DropOut.TooSlow(member.Id, system.Options.CandidateShare);
        return 0;
    }
}
