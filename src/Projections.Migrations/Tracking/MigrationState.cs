namespace Projections.Migrations.Tracking;

/// <summary>What a migration is to a database, by its file and its tracking row.</summary>
public enum MigrationState
{
    /// <summary>Applied, and the file is the one that was applied.</summary>
    Applied,

    /// <summary>Applied; the file differs only in line ends or a byte order mark, which changes nothing.</summary>
    AppliedLineEndsDiffer,

    /// <summary>Not applied yet.</summary>
    Pending,

    /// <summary>Not applied, although a newer one is.</summary>
    OutOfOrder,

    /// <summary>Begun without a transaction, and not finished.</summary>
    Interrupted,

    /// <summary>Its way back has begun, and is not finished.</summary>
    Reverting,

    /// <summary>Applied, and the file has changed since.</summary>
    Changed,

    /// <summary>Applied, and there is no such file any more.</summary>
    Missing,
}
