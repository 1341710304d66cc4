using Projections.Catalog;

namespace Projections.Commands;

/// <summary>What every command carries: who asks, and an id by which a second delivery is known.</summary>
/// <param name="Actor">Who asks, and why.</param>
/// <param name="CommandId">The sender's id for this command, or <c>null</c> when it cannot arrive twice.</param>
public sealed record CommandContext(Actor Actor, Guid? CommandId = null)
{
    /// <summary>By what the command is known when it comes again.</summary>
    internal CommandIdentity IdentityOf(string verb, FormattableString? arguments = null) =>
        new(CommandId, verb, arguments is null ? "" : FormattableString.Invariant(arguments));
}

/// <summary>By what a command is known when it comes again.</summary>
/// <param name="Id">The sender's id, or <c>null</c> when it cannot come again.</param>
/// <param name="Verb">What is to be done.</param>
/// <param name="Arguments">What it is to be done to. Neither the reason nor how to go about it is part of that.</param>
public sealed record CommandIdentity(Guid? Id, string Verb, string Arguments);
