using Projections.Definitions;

namespace Projections.Web.Endpoints;

/// <summary>Finds what a request's path names.</summary>
internal static class Known
{
    /// <exception cref="ProjectionUnknown">Neither this program nor the catalog has it.</exception>
    public static async Task<ProjectionName> ProjectionAsync(ProjectionSystem system, string name, CancellationToken cancellationToken)
    {
        if (ProjectionName.IsValid(name))
        {
            var projection = new ProjectionName(name);
            if (system.Registry.Projections.Contains(projection) || await system.Catalog.ReadAsync(projection, cancellationToken) is not null)
            {
                return projection;
            }
        }

        throw new ProjectionUnknown($"There is no projection '{name}', neither in this program nor in the catalog. 'GET /projections' lists those that there are.");
    }

    /// <exception cref="ProjectionUnknown">The catalog does not have it.</exception>
    public static async Task<VersionId> VersionAsync(ProjectionSystem system, string name, int number, CancellationToken cancellationToken)
    {
        var projection = await ProjectionAsync(system, name, cancellationToken);
        var snapshot = await system.Catalog.ReadAsync(projection, cancellationToken);
        return snapshot?.Find(number)?.Id
            ?? throw new ProjectionUnknown($"There is no version {number} of '{projection}' in the catalog.");
    }
}
