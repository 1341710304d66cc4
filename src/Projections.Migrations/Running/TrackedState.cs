namespace Projections.Migrations.Running;

/// <summary>How far a tracked migration has come. The names stand in small letters in the tracking table.</summary>
public enum TrackedState
{
    /// <summary>Applied.</summary>
    Done,

    /// <summary>Begun, statement by statement or batch by batch, and not finished: running now, or interrupted.</summary>
    Started,

    /// <summary>Its way back has begun and is not finished.</summary>
    Reverting,
}
