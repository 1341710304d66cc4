using Projections.Definitions;

namespace Projections.Catalog;

/// <summary>Somebody paused, aborted or retired the version while it was being worked on; what was begun is not finished, and nothing of it is kept.</summary>
internal sealed class VersionStopped(VersionId version, VersionPhase phase)
    : Exception($"{version} is {phase.Text()} meanwhile; the work on it ends here.");
