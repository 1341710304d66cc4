using Projections.Catalog;

namespace Projections.Operations;

/// <summary>What every command carries: who asks, and an id by which a second delivery is known.</summary>
/// <param name="Actor">Who asks, and why.</param>
/// <param name="CommandId">The sender's id for this command, or <c>null</c> when it cannot arrive twice.</param>
public sealed record CommandContext(Actor Actor, Guid? CommandId = null);
