namespace Projections.Switching.Gates;

/// <summary>The rows of a version that began with those of another, and not with history, were proved to be right.</summary>
internal sealed class SeedProvenGate : ISwitchGate
{
    public string Id => "seed-proven";

    public Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken)
    {
        var version = candidate.Version;
        var problem = version switch
        {
            { SeededFrom: null } or { SeedAgrees: true } => null,
            { SeedAgrees: null } => new GateFailure(
                Id, $"the rows of {version.Id} were taken from v{version.SeededFrom}, and are not proved to be right yet.", "Let a worker ('projections run') compare them; it does as soon as both are in the lockstep."),
            _ => new GateFailure(
                Id,
                $"the rows of {version.Id} were taken from v{version.SeededFrom}, and are wrong. {version.SeedFinding}",
                $"Run 'projections abort {candidate.Name} --version {version.Id.Number}', then mend seed.sql and rebuild, or rebuild with '--from-events'."),
        };
        return Task.FromResult(problem);
    }
}
