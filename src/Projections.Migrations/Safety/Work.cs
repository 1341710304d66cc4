namespace Projections.Migrations.Safety;

/// <summary>How the time that a statement takes grows with its table.</summary>
public enum Work
{
    /// <summary>It does not.</summary>
    Moment,

    /// <summary>Every row is read.</summary>
    Scan,

    /// <summary>Every row is read, sorted and put into an index.</summary>
    IndexBuild,

    /// <summary>Every row and every index is written anew.</summary>
    Rewrite,
}
