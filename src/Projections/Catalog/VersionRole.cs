namespace Projections.Catalog;

/// <summary>What a version is to readers. Only a switch changes it, an adoption, and the end of the version.</summary>
public enum VersionRole
{
    /// <summary>The read name has not shown it since it was last built.</summary>
    Candidate,

    /// <summary>The read name shows it.</summary>
    Live,

    /// <summary>The read name showed it before a switch, and may again.</summary>
    Standby,
}

/// <summary>The roles' names.</summary>
internal static class VersionRoles
{
    /// <summary>The role's name in the catalog: <c>live</c>.</summary>
    public static string Text(this VersionRole role) => role switch
    {
        VersionRole.Candidate => "candidate",
        VersionRole.Live => "live",
        VersionRole.Standby => "standby",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "There is no such role."),
    };

    /// <exception cref="FormatException"><paramref name="text"/> names no role.</exception>
    public static VersionRole Parse(string text) => text switch
    {
        "candidate" => VersionRole.Candidate,
        "live" => VersionRole.Live,
        "standby" => VersionRole.Standby,
        _ => throw new FormatException($"'{text}' is no role of a version."),
    };
}
