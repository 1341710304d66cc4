using Projections.Catalog;
using Projections.Replay;

namespace Projections.Checks.Rules;

/// <summary>The rows of streams that were archived in silence stay, although the version says that they go, and no rebuild is possible.</summary>
internal sealed class ArchivedStreamsRule(ProjectionSystem system) : ICatchUpRule
{
    public string Id => "archived-streams";

    public async Task<Finding?> JudgeAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        // A build looks for itself before it begins.
        if (subject.Version is not { HasTable: true } version || version.State.IsBuild() || system.Registry.Find(version.Id) is not { } definition)
        {
            return null;
        }

        return await SourceFit.OfArchivedAsync(system.Source, definition, cancellationToken) is var (problem, wayOut)
            ? new Finding(Id, Verdict.Broken, $"{problem} {version.Id} still has those rows, and cannot be built anew.", wayOut)
            : null;
    }
}
