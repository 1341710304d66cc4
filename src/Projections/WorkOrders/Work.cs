using System.Text.Json.Serialization;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;

namespace Projections.WorkOrders;

/// <summary>An operation that takes longer than whoever asks for it can wait, as it is kept until a worker has time.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(VerifyWork), "verify")]
[JsonDerivedType(typeof(VerifyAgainstEventsWork), "verify-against-events")]
[JsonDerivedType(typeof(RepairWork), "repair")]
[JsonDerivedType(typeof(DryRunWork), "dry-run")]
internal abstract record Work
{
    /// <summary>The verb, as in the stored form and on the command line.</summary>
    [JsonIgnore]
    public abstract string Verb { get; }

    /// <summary>Decides what the command left open, so that what is done later is what was accepted.</summary>
    /// <exception cref="OperationRefused">It could never be done, or not as things are.</exception>
    internal abstract SettledWork Settle(ProjectionSystem system, ProjectionName projection, ProjectionSnapshot? snapshot);

    /// <summary>Does it; a second time when a worker died over it. The command's id is given where whoever asked waits for it.</summary>
    internal abstract Task<WorkResult> RunAsync(ProjectionSystem system, ProjectionName projection, Actor actor, Guid? commandId, CancellationToken cancellationToken);
}
