using Projections.Migrations.Copies;

namespace Projections.Migrations.Safety;

/// <summary>What stands between pending migrations and a database in production.</summary>
public sealed record MigrationGuard
{
    /// <summary>How the throw-away copy is made on which pending migrations are tried. The default is a database on the service's own server.</summary>
    public CopyOptions Copy { get; init; } = new();

    /// <summary>Whether only what <c>projections migrate check --sign-off</c> has found safe may run, and nothing is tried here. The default is
    /// <c>false</c>: what is signed off runs, and the rest is tried.</summary>
    public bool OnlySignedOff { get; init; }

    /// <summary>Why nothing is tried and all may run, for the tracking rows; <c>null</c>, the default, when it is not so.</summary>
    public string? SafetySkipped { get; init; }
}
