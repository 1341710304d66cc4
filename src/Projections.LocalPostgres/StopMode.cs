namespace Projections.LocalPostgres;

/// <summary>How a cluster is stopped.</summary>
public enum StopMode
{
    /// <summary>Sessions are ended, open transactions rolled back, and everything is written out.</summary>
    Fast,

    /// <summary>As in a crash: nothing is written out, and the next start recovers from the write-ahead log.</summary>
    Immediate,
}
