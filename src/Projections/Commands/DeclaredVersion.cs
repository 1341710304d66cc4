using Projections.Definitions;

namespace Projections.Commands;

/// <summary>Finds the declaration that a command about building means.</summary>
internal static class DeclaredVersion
{
    /// <param name="registry">What this program has.</param>
    /// <param name="projection">The projection.</param>
    /// <param name="number">The version, or <c>null</c> for the newest.</param>
    /// <param name="verb">What is to be done with it: <c>rebuild</c>.</param>
    /// <exception cref="OperationRefused">There is no such version, or something is wrong with the projection's declarations: then even
    /// which is the newest is not sure.</exception>
    public static ProjectionVersion Choose(ProjectionRegistry registry, ProjectionName projection, int? number, string verb)
    {
        if (registry.ErrorsOf(projection) is { Count: > 0 } errors)
        {
            throw new OperationRefused(
                $"Cannot {verb} '{projection}': {(errors.Count == 1 ? "something is" : $"{errors.Count} things are")} wrong with its declaration in this program. {string.Join(" ", errors)}");
        }

        var versions = registry.VersionsOf(projection);
        if (versions.Count == 0)
        {
            throw new OperationRefused(
                $"There is no projection '{projection}' in this program. It has: {string.Join(", ", registry.Projections)}.{Unmade(registry)}", isMistake: true);
        }

        return versions.LastOrDefault(version => number is null || version.Id.Number == number)
            ?? throw new OperationRefused(
                $"There is no {projection} v{number} in this program. It has {string.Join(", ", versions.Select(version => $"v{version.Id.Number}"))} of '{projection}'.{Unmade(registry)}", isMistake: true);
    }

    private static string Unmade(ProjectionRegistry registry) => string.Concat(registry.Unattributed.Select(error => $" {error}"));
}
