namespace Projections.Definitions;

/// <summary>What a version does with an event that cannot be decoded or folded. It never passes in silence.</summary>
public enum PoisonPolicy
{
    /// <summary>The version stops before the event, in state <c>failed</c>, with the position and the error. Somebody may then decide
    /// that the rows may lack it (<c>resume --set-aside</c>): it goes to the dead letters.</summary>
    Stop,

    /// <summary>The event goes to the dead letters with its payload and error, and the version goes on behind it.</summary>
    SetAside,
}
