namespace Projections.Switching.Gates;

/// <summary>A version that another program writes can be switched to only if somebody vouches for its rows.</summary>
internal sealed class ExternalGate : ISwitchGate
{
    public string Id => "provable";

    public Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken) =>
        Task.FromResult(
            candidate.IsOurs || candidate.Asked.AcceptExternal
                ? null
                : new GateFailure(
                    Id,
                    $"{candidate.Version.Id} is written by another program, so nothing proves that its rows are current.",
                    "If that program has gone on writing it, say so with '--accept-external'."));
}
