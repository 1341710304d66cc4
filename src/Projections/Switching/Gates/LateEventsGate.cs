using System.Globalization;
using Projections.LateEvents;

namespace Projections.Switching.Gates;

/// <summary>No event has turned up behind the version's checkpoint that its rows lack.</summary>
internal sealed class LateEventsGate : ISwitchGate
{
    public string Id => "no-late-events";

    public async Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken)
    {
        if (!candidate.IsOurs || candidate.System.LateEvents is not { } watch)
        {
            return null;
        }

        var version = candidate.Version.Id;
        await watch.NoteAsync(candidate.Connection, version, cancellationToken);
        var late = (await LateEventList.CountAsync(candidate.Connection, cancellationToken)).GetValueOrDefault(version, LateEventCounts.None);
        return late switch
        {
            { Waiting: 0 } => null,
            { Problem: { } problem } => new GateFailure(
                Id,
                string.Create(CultureInfo.InvariantCulture, $"{late.Waiting} late events that turned up behind its checkpoint are missing from the rows of {version}: {problem}"),
                $"Abort or retire it, and build it anew under a new number with 'projections rebuild {candidate.Name} --to …'."),
            _ => new GateFailure(
                Id,
                string.Create(CultureInfo.InvariantCulture, $"{late.Waiting} late events that turned up behind its checkpoint are being folded into the rows of {version}."),
                "Wait a moment, and switch again."),
        };
    }
}
