using System.Collections;
using Microsoft.Extensions.Logging;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Following;

/// <summary>The versions in a lockstep, and the one position that all of them have folded to.</summary>
internal sealed partial class LockstepMembers(ILogger logger, IEnumerable<LockstepMember> members) : IReadOnlyCollection<LockstepMember>, IAsyncDisposable
{
    // By number, the order in which everybody locks several versions.
    private readonly List<LockstepMember> _members = [.. members.OrderBy(member => member.Id.Number)];

    public int Count => _members.Count;

    /// <summary>How far the events are folded.</summary>
    public EventPosition Position { get; set; }

    /// <summary>Whether something was folded, or only read, that is not committed.</summary>
    public bool AreBeyondCheckpoint => _members.Exists(member => member.Fold.IsBeyondCheckpoint);

    /// <summary>Whether a version is to leave with the next commit.</summary>
    public bool SomeLeave => _members.Exists(member => member.Leaving is not null);

    /// <summary>Whether a lease is lost, or somebody asked for its version to be left alone.</summary>
    public bool SomeLeasesEnded => _members.Exists(member => member.Lease.Ended.IsCompleted);

    /// <summary>
    /// Whether others wait for it: the live version, or all while none is live. Nothing that the rest does holds it back.
    /// </summary>
    public bool Leads(LockstepMember member) =>
        member.Role == VersionRole.Live || _members.TrueForAll(other => other.Role != VersionRole.Live);

    public void Add(LockstepMember member)
    {
        _members.Add(member);
        _members.Sort((left, right) => left.Id.Number.CompareTo(right.Id.Number));
        LogJoined(logger, member.Id, Position);
    }

    /// <summary>Follows a version no longer, and gives its lease up.</summary>
    public async Task RemoveAsync(LockstepMember member, string reason)
    {
        LogLeaving(member, reason);
        _members.Remove(member);
        await member.DisposeAsync();
    }

    public void LogLeaving(LockstepMember member, string reason) => LogLeft(logger, member.Id, reason);

    public IEnumerator<LockstepMember> GetEnumerator() => _members.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members)
        {
            await member.DisposeAsync();
        }

        _members.Clear();
    }

    [LoggerMessage(312, LogLevel.Information, "{Version} joined the lockstep at {Position}.")]
    private static partial void LogJoined(ILogger logger, VersionId version, EventPosition position);

    [LoggerMessage(313, LogLevel.Warning, "{Version} left the lockstep: {Reason}")]
    private static partial void LogLeft(ILogger logger, VersionId version, string reason);
}
