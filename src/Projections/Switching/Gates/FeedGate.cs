using Projections.Catalog.Feeds;

namespace Projections.Switching.Gates;

/// <summary>Where a projection has a feed, it can be told what becomes of the version's rows.</summary>
internal sealed class FeedGate : ISwitchGate
{
    private const string Name = "feed-fits";

    public string Id => Name;

    public async Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken) =>
        candidate is { IsOurs: true, Definition: not { Rows: null } } || await FeedState.ReadAsync(candidate.Connection, candidate.Version.Id.Projection, cancellationToken) is not { IsOn: true }
            ? null
            : new GateFailure(
                Name,
                $"'{candidate.Name}' has a feed, and {(candidate.IsOurs ? $"{candidate.Version.Id} is made of SQL statements, which tell nobody what a row was before an event and after it." : "another program writes what reads are to go to.")}",
                $"End the feed with 'projections feed {candidate.Name} stop'.");
}
