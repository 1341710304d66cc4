using Projections.Catalog;
using Projections.Definitions;
using Projections.Replay;

namespace Projections.Following;

/// <summary>
/// Looks at what others have changed in the catalog: versions paused or gone, versions to be taken in, dead letters to retry,
/// rows to repair, late events to fold in; and whether the source still reaches to where the versions are.
/// </summary>
internal sealed class LockstepLook(
    ProjectionSystem system,
    LeaseKeeper keeper,
    LockstepAlarm alarm,
    Handover handover,
    ProjectionName projection,
    LockstepMembers members,
    LockstepCommit commit)
{
    private readonly LateEventMend _lateEvents = new(system);
    private readonly LockstepEntry _entry = new(system, keeper, new Actor(system.Name));

    /// <summary>Whether it is noted that the entries of all members are committed.</summary>
    private bool _entriesConfirmed;

    /// <summary>Whether a version waits to join at a position that the others have not reached; they do so within moments.</summary>
    public bool NewcomerAhead { get; private set; }

    /// <summary>Whether events may have turned up behind the checkpoint that are to be folded before any other.</summary>
    public bool LateEventsTurnedUp => _lateEvents.HasNews;

    /// <exception cref="HandedOver">Another worker is to take over.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        handover.IfAsked(projection);
        var (snapshot, asked) = await ReadAsync(stop);
        foreach (var member in members.ToList())
        {
            if (snapshot?.Find(member.Id.Number) is { Lockstep: true } version && version.LeaseEpoch == member.Lease.Epoch)
            {
                if (member.HasOtherCaptures(version))
                {
                    throw new CapturesChanged();
                }

                member.Role = version.Role;
                continue;
            }

            await members.RemoveAsync(member, "it was paused, retired or taken over");
        }

        await RefuseRestoredSourceAsync(stop);
        await MendLateEventsAsync(asked, stop);
        await RetryDeadLettersAsync(asked, stop);
        await RepairAsync(asked, stop);

        NewcomerAhead = false;
        foreach (var joining in snapshot?.Versions.Where(version => version is { Phase: VersionPhase.Offered, IsLeased: false }) ?? [])
        {
            await TakeInAsync(joining, stop);
        }

        await ConfirmEntriesAsync(stop);
        alarm.Seen(snapshot);
    }

    private async Task<(ProjectionSnapshot? Snapshot, IReadOnlySet<VersionId> Asked)> ReadAsync(CancellationToken stop)
    {
        await using var connection = await system.Steady.OpenConnectionAsync(stop);
        var snapshot = (await ProjectionCatalog.ReadAsync(connection, projection, stop)).SingleOrDefault();
        return (snapshot, await PendingRequests.ReadAsync(connection, projection, stop));
    }

    private async Task RefuseRestoredSourceAsync(CancellationToken stop)
    {
        var head = await system.Source.GetSafeHeadAsync(stop);
        foreach (var member in members)
        {
            SourceRestored.ThrowIfBehind(member.Id, head, member.Fold.Checkpoint);
        }

        await SourceHistory.ProveAsync(system, projection, members.Select(member => member.Id), stop);
    }

    private async Task MendLateEventsAsync(IReadOnlySet<VersionId> asked, CancellationToken stop)
    {
        if (_lateEvents.HasNews || members.Any(member => asked.Contains(member.Id)))
        {
            await MendLateEventsAsync(stop);
        }
    }

    private async Task MendLateEventsAsync(CancellationToken stop)
    {
        await commit.RunIfBeyondAsync();
        var byFold = members.OrderByDescending(members.Leads).ToDictionary(member => member.Fold);
        var tooSlow = await _lateEvents.RunAsync([.. byFold.Keys], fold => members.Leads(byFold[fold]), stop);
        if (tooSlow.Count > 0)
        {
            foreach (var (fold, dropOut) in tooSlow)
            {
                byFold[fold].Leaving = dropOut;
            }

            await commit.RunAsync();
        }
    }

    /// <summary>
    /// Gives the members what has turned up at any of the numbers that they passed: a newcomer that has read history since has it in its place,
    /// and whoever stands in the lockstep shows the same.
    /// </summary>
    private async Task MendBeforeEntryAsync(CancellationToken stop)
    {
        if (system.LateEvents is not { } watch)
        {
            return;
        }

        await using (var connection = await system.ReadModels.OpenConnectionAsync(stop))
        {
            foreach (var member in members)
            {
                await watch.NoteAsync(connection, member.Id, stop);
            }
        }

        await MendLateEventsAsync(stop);
    }

    private async Task RetryDeadLettersAsync(IReadOnlySet<VersionId> asked, CancellationToken stop)
    {
        foreach (var member in members.Where(member => asked.Contains(member.Id)).ToList())
        {
            var letters = await DeadLetterRetry.FindAsync(system, member, stop);
            if (letters.Count > 0 && await StaysAfterCommitAsync(member))
            {
                await DeadLetterRetry.RunAsync(system, member, letters, stop);
            }
        }
    }

    private async Task RepairAsync(IReadOnlySet<VersionId> asked, CancellationToken stop)
    {
        foreach (var member in members.Where(member => asked.Contains(member.Id)).ToList())
        {
            foreach (var request in await RowRepair.FindAsync(system, member.Id, stop))
            {
                if (!await StaysAfterCommitAsync(member))
                {
                    break;
                }

                await RowRepair.RunAsync(system, member.Fold, request, stop);
            }
        }
    }

    private async Task<bool> StaysAfterCommitAsync(LockstepMember member)
    {
        await commit.RunIfBeyondAsync();
        return members.Contains(member);
    }

    private async Task TakeInAsync(VersionSnapshot version, CancellationToken stop)
    {
        if (members.Count == 0)
        {
            return;
        }

        if (system.Registry.Find(version.Id) is null)
        {
            handover.IfDue(version.Id);
            return;
        }

        if (version.Checkpoint > members.Position)
        {
            NewcomerAhead = true;
            return;
        }

        await commit.RunIfBeyondAsync();
        await MendBeforeEntryAsync(stop);
        if (members.Count > 0 && await _entry.TakeInAsync(version, members.Position, stop) is { } newcomer)
        {
            members.Add(newcomer);
            _entriesConfirmed = false;
        }
    }

    private async Task ConfirmEntriesAsync(CancellationToken stop)
    {
        if (!_entriesConfirmed)
        {
            await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
            await LockstepEntry.ConfirmAsync(connection, projection, stop);
            _entriesConfirmed = true;
        }
    }
}

/// <summary>Reactions or a feed were started or stopped: what is folded and not committed is folded anew, with what is on now.</summary>
internal sealed class CapturesChanged : Exception;
