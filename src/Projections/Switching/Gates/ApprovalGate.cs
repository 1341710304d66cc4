namespace Projections.Switching.Gates;

/// <summary>Where it is asked for: two people want the same switch. The first one's command is kept as a request, and the second one's carries it out.</summary>
internal sealed class ApprovalGate : ISwitchGate
{
    public const string Name = "approval";

    public string Id => Name;

    public async Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken)
    {
        if (!candidate.Asked.TakesTwo(candidate.System.Options, candidate.Name))
        {
            return null;
        }

        var request = await SwitchRequests.FindAsync(candidate.Connection, candidate.Version.Id, cancellationToken);
        return request switch
        {
            null => new GateFailure(Id, $"reads of '{candidate.Name}' move when two people ask for it, and nobody has yet.", "Give the command; then somebody else has to give the same."),
            _ when candidate.Who is { } who && request.IsConfirmedBy(who, candidate.Asked) => null,
            _ => new GateFailure(Id, $"it takes two people, and {request}.", $"Somebody else has to give the same command, within {SwitchRequest.Validity.TotalHours:0} hours of the first."),
        };
    }
}
