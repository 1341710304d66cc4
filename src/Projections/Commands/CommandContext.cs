namespace Projections.Commands;

/// <summary>What a door knows of whoever gives it a command.</summary>
/// <param name="Who">Who asks, a person or a program; kept in the history.</param>
/// <param name="CommandId">The sender's id for this command, or <c>null</c> when it cannot arrive twice.</param>
public sealed record CommandContext(string Who, Guid? CommandId = null);

/// <summary>By what a command is known when it comes again.</summary>
/// <param name="Id">The sender's id, or <c>null</c> when it cannot come again.</param>
/// <param name="Verb">What is to be done.</param>
/// <param name="Arguments">What it is to be done to.</param>
internal sealed record CommandIdentity(Guid? Id, string Verb, string Arguments);
