using Projections.Events;

namespace Projections.Definitions;

/// <summary>
/// Messages that follow from events of a projection, and from what the events did to its rows. It belongs to the projection and not to one of its
/// versions: whichever is live gives it the rows. <c>Reaction&lt;TRow&gt;</c> is the class to derive from.
/// </summary>
public abstract class Reaction
{
    private protected Reaction(string projection, string name)
    {
        Projection = new ProjectionName(projection);
        Name = new ProjectionName(name).Value;
    }

    /// <summary>The projection whose events it reacts to.</summary>
    public ProjectionName Projection { get; }

    /// <summary>Its own name, such as <c>receipt_mail</c>: what is kept of it in the catalog is kept under it, so it is not changed.</summary>
    public string Name { get; }

    /// <summary>The names, as the store knows them, of all event types that it reacts to, old names included.</summary>
    public abstract IReadOnlySet<string> EventTypeNames { get; }

    /// <summary>The classes of its messages, by the name that is kept of them.</summary>
    internal abstract IReadOnlyDictionary<string, Type> Messages { get; }

    /// <summary>What is wrong with the declaration, a sentence or two each that say what to change; empty for a sound one.</summary>
    internal abstract IReadOnlyList<string> FindProblems();

    /// <summary>Why the rows of a version are none for it, a sentence each; empty where they are.</summary>
    internal abstract IReadOnlyList<string> MisfitsOf(ProjectionVersion version);

    /// <summary>The reaction over the rows of one version, which fits it.</summary>
    internal abstract IRowReaction Over(ProjectionVersion version);

    /// <summary>Reacts once more to what was set aside.</summary>
    /// <param name="recorded">The event.</param>
    /// <param name="before">The row before it, as <see cref="IRowReaction.Describe"/> gave it.</param>
    /// <param name="after">The row after it.</param>
    internal abstract IReadOnlyList<ReactionMessage> ReactAgain(in RecordedEvent recorded, string? before, string? after);

    /// <summary>A message as it was kept.</summary>
    /// <exception cref="System.Text.Json.JsonException">The class is not any more what it was when the message was kept.</exception>
    internal abstract object Read(ReactionMessage message);

    public override string ToString() => $"{Projection}/{Name}";
}

/// <summary>A reaction over the rows of one version.</summary>
internal interface IRowReaction
{
    /// <summary>The messages that follow from what an event did to a row.</summary>
    /// <exception cref="Exception">The event cannot be decoded, or the reaction's own code failed.</exception>
    IReadOnlyList<ReactionMessage> React(RecordedEvent[] batch, int index, object? before, object? after);

    /// <summary>A row of the version as the reaction sees it, as JSON, to react to it once more.</summary>
    string? Describe(object? row);
}

/// <summary>A message as it is kept until it is passed on.</summary>
/// <param name="Type">The full name of its class.</param>
/// <param name="Body">The message as JSON.</param>
internal sealed record ReactionMessage(string Type, string Body);
