using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Faults;
using Projections.Postgres;
using Projections.Replay;

namespace Projections.Following;

/// <summary>Why a version leaves the lockstep, or does not come into it.</summary>
/// <param name="Reason">For people.</param>
/// <param name="Poison">The event that it stumbled over, or <c>null</c>.</param>
/// <param name="Fails">Whether it has failed; else it was too slow, or out of luck, and catches up on its own.</param>
internal sealed record DropOut(string Reason, PoisonEvent? Poison, bool Fails)
{
    /// <summary>A version whose handler this code does not have: a worker that has it is to catch up.</summary>
    public static DropOut Unknown { get; } = new("the worker that took over has no handler for it", null, Fails: false);

    /// <returns><c>null</c> when the version is the one that its table was built with.</returns>
    public static DropOut? OfEdit(ProjectionVersion definition, VersionSnapshot version) =>
        ManifestCheck.FindEdit(definition, version) is { } edit ? new DropOut(edit, null, Fails: true) : null;

    /// <param name="version">Which version was too slow.</param>
    /// <param name="share">How much time it may take at once.</param>
    public static DropOut TooSlow(VersionId version, TimeSpan share) => new(
        $"{version} took more than its share of time ({share.TotalMilliseconds:0} ms) and dropped out of the lockstep; it catches up on its own.",
        null,
        Fails: false);

    /// <param name="version">For which version something took too long.</param>
    /// <param name="limit">How long it may take.</param>
    public static DropOut OverLimit(VersionId version, TimeSpan limit) => new(
        $"it took longer than the {limit.TotalMilliseconds:0} ms for which the others wait for {version} ('Projections:GuestLimit').", null, Fails: false);

    /// <param name="error">What the server said of another one that has rows of the version.</param>
    public static DropOut OfServerBehind(PostgresException error) => new(
        $"a server that has some of its rows is gone: {error.Words}. It catches up on its own once that one is there again.", null, Fails: false);

    /// <param name="exception">What happened.</param>
    /// <param name="leads">Whether others wait for the version: then what a person has to mend outside of it is waited for, too.</param>
    /// <returns><c>null</c> when it is not the version's fault: the server or the lease is gone, and the work begins again.</returns>
    public static DropOut? Of(Exception exception, bool leads) => exception switch
    {
        PoisonEvent poison => new DropOut(poison.Message, poison, Fails: true),
        OperationCanceledException or LeaseLost or VersionStopped => null,
        PostgresException { IsAboutServerBehind: true } error when !leads => OfServerBehind(error),
        _ when PassingFault.Is(exception) || MendableFault.IsOfSource(exception) || (leads && MendableFault.Is(exception)) => null,
        _ => new DropOut(exception.Cause, null, Fails: true),
    };

    /// <summary>Why a guest's step did not succeed. What passes is tried again.</summary>
    public static DropOut OfGuest(Exception exception) => Of(exception, leads: false) ?? new DropOut(exception.Cause, null, Fails: false);
}
