using Projections.Catalog;
using Projections.Definitions;

namespace Projections.Replay;

/// <summary>A version is immutable once its table exists, like an applied migration.</summary>
internal static class VersionManifest
{
    /// <exception cref="BuildRefused">The folder is not the one that the table was built with.</exception>
    public static void Check(ProjectionVersion definition, VersionSnapshot version)
    {
        if (version.Manifest is { } built && built != definition.Files.Hash)
        {
            throw new BuildRefused(
                $"{definition.Id} was built with another content of {definition.Files.Folder}: the catalog has {built[..12]}, this program has {definition.Files.Hash[..12]}. "
                + $"A version does not change once it is built: undo the change and make it in a new folder V{definition.Id.Number + 1}, "
                + $"or, if the rows are the same either way (a comment, a name), accept it with 'projections accept {definition.Id.Projection} --version {definition.Id.Number} --why \"…\"'.");
        }
    }
}
