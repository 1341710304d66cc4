namespace Projections.Switching.Gates;

/// <summary>No running snapshot is older than the version's entry into the lockstep.</summary>
internal sealed class NoOldSnapshotGate : ISwitchGate
{
    /// <summary>The gate's name, which the switch knows because it waits for this one.</summary>
    public const string Name = "no-old-snapshot";

    public string Id => Name;

    public async Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken)
    {
        if (!candidate.IsOurs || candidate.Asked.IgnoreOldSnapshots || candidate.Projection is { Live: null, KeptTable: null })
        {
            return null;
        }

        if (!await OldSnapshots.AreVisibleAsync(candidate.Connection, cancellationToken))
        {
            return new GateFailure(
                Id,
                "this role cannot see other sessions' snapshots, so it cannot tell whether one of them would read a half-built table.",
                "Grant it the role pg_read_all_stats, or pass '--ignore-old-snapshots' if no reader uses REPEATABLE READ.");
        }

        var sessions = await OldSnapshots.OfAsync(candidate.Connection, candidate.Version.Id, cancellationToken);
        return sessions.Count == 0
            ? null
            : new GateFailure(
                Id,
                $"these sessions hold snapshots from before {candidate.Version.Id} was complete: {string.Join(", ", sessions)}.",
                "Let their transactions end, end them with pg_terminate_backend, or pass '--ignore-old-snapshots' if they do not read it.");
    }
}
