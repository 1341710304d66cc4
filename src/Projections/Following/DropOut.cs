using Projections.Catalog;
using Projections.Definitions;
using Projections.Replay;

namespace Projections.Following;

/// <summary>Why a version leaves the lockstep.</summary>
/// <param name="Reason">For people.</param>
/// <param name="Poison">The event that it stumbled over, or <c>null</c>.</param>
/// <param name="Fails">Whether it has failed; else it was too slow, and catches up on its own.</param>
internal sealed record DropOut(string Reason, PoisonEvent? Poison, bool Fails)
{
    /// <param name="version">Which version was too slow.</param>
    /// <param name="share">How much time it may take at once.</param>
    public static DropOut TooSlow(VersionId version, TimeSpan share) => new(
        $"{version} took more than its share of time ({share.TotalMilliseconds:0} ms) and dropped out of the lockstep; it catches up on its own.",
        null,
        Fails: false);

    /// <returns><c>null</c> when it is not the version's fault: the server or the lease is gone, and the work begins again.</returns>
    public static DropOut? Of(Exception exception) => exception switch
    {
        PoisonEvent poison => new DropOut(poison.Message, poison, Fails: true),
        OperationCanceledException or LeaseLost => null,
        _ when PassingFault.Is(exception) => null,
        _ => new DropOut(exception.Message, null, Fails: true),
    };
}
