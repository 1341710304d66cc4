using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Replay;

/// <summary>Refuses to go on with a version that is not the one its table was built with, wherever it is gone on with.</summary>
internal static class ManifestCheck
{
    /// <summary>What was edited, and the ways out; <c>null</c> when nothing was.</summary>
    public static string? FindEdit(ProjectionVersion definition, VersionSnapshot version)
    {
        if (version.Manifest is not { } built || definition.Manifest.FindEdit(built) is not { } edit)
        {
            return null;
        }

        var id = definition.Id;
        return $"{id} was built with {edit}. "
            + $"A version does not change once it is built: undo the change and make it in a new folder V{id.Number + 1}, "
            + $"or, if the rows are the same either way (a comment, a name), accept it with 'projections accept {id.Projection} --version {id.Number} --why \"…\"'. "
            + $"Then run 'projections resume {id.Projection} --version {id.Number}'.";
    }

    /// <exception cref="BuildRefused">The version was edited.</exception>
    public static void ThrowIfEdited(ProjectionVersion definition, VersionSnapshot version)
    {
        if (FindEdit(definition, version) is { } edit)
        {
            throw new BuildRefused(edit);
        }
    }

    /// <summary>Writes a manifest of an earlier scheme anew, once it was found to fit.</summary>
    public static async Task RenewAsync(NpgsqlConnection connection, ProjectionVersion definition, VersionSnapshot version, CancellationToken cancellationToken)
    {
        var now = definition.Manifest.ToString();
        if (version.Manifest is { } built && built != now)
        {
            await connection.ExecuteAsync(
                "update projections.version set manifest = $3 where projection = $1 and number = $2 and manifest = $4",
                cancellationToken,
                version.Id.Projection.Value, version.Id.Number, now, built);
        }
    }
}
