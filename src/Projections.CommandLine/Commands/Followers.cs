using Projections.Definitions;
using Projections.CommandLine.Terminal;

namespace Projections.CommandLine.Commands;

/// <summary>Whether anybody follows a projection beside the command that is being carried out.</summary>
internal static class Followers
{
    public static async Task<bool> AnyAsync(ProjectionSystem system, ProjectionName projection, CancellationToken cancellationToken) =>
        (await system.Catalog.ReadAsync(projection, cancellationToken))?.Versions.Any(version => version.IsLeased) ?? false;

    /// <summary>What is waited for comes only when somebody works.</summary>
    public static void SayThatThereAreNone(Screen screen) =>
        screen.Say("No worker follows new events at the moment; start one with 'projections run'.");
}
