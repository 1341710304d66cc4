namespace Projections.Migrations.Safety.Observing;

/// <summary>PostgreSQL's table locks from the weakest to the strongest.</summary>
internal enum LockMode
{
    AccessShare = 1,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,

    /// <summary>From here on writers wait.</summary>
    Share,
    ShareRowExclusive,
    Exclusive,

    /// <summary>Readers wait, too.</summary>
    AccessExclusive,
}
