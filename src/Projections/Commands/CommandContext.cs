namespace Projections.Commands;

/// <summary>What a door knows of whoever gives it a command.</summary>
/// <param name="Who">Who asks, a person or a program; kept in the history.</param>
/// <param name="CommandId">The sender's id for this command, or <c>null</c> when it cannot arrive twice.</param>
/// <param name="From">From where it came, for people: an address, a machine, a queue; <c>null</c> when nobody knows.</param>
public sealed record CommandContext(string Who, Guid? CommandId = null, string? From = null)
{
    /// <summary>Whether no person asked for it at this moment, but a worker or a check that was told to.</summary>
    internal bool IsAutomatic { get; init; }
}

/// <summary>By what a command is known when it comes again.</summary>
/// <param name="Id">The sender's id, or <c>null</c> when it cannot come again.</param>
/// <param name="Verb">What is to be done.</param>
/// <param name="Arguments">What it is to be done to.</param>
/// <param name="From">From where it came, or <c>null</c>.</param>
internal sealed record CommandIdentity(Guid? Id, string Verb, string Arguments, string? From = null)
{
    /// <summary>The same with an id: what changes something is kept in any case.</summary>
    public CommandIdentity Kept => Id is null ? this with { Id = Guid.NewGuid() } : this;
}
