namespace Projections.Migrations.Execution;

/// <summary>What to do with a statement that was interrupted outside a transaction when nothing shows whether it finished.</summary>
public enum OnInterrupted
{
    /// <summary>Stop and ask. The default.</summary>
    Refuse,

    /// <summary>Run it again.</summary>
    Repeat,

    /// <summary>Take it as finished.</summary>
    Skip,
}
