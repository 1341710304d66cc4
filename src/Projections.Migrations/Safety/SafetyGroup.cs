namespace Projections.Migrations.Safety;

/// <summary>Whom an unsafe statement hurts.</summary>
public enum SafetyGroup
{
    /// <summary>Readers or writers wait while it runs.</summary>
    Blocks,

    /// <summary>Code that runs during the deployment, written for the schema before it, fails.</summary>
    Breaks,

    /// <summary>Nobody today.</summary>
    Later,
}
