using Projections.Catalog;
using Projections.Definitions;

namespace Projections.Following;

/// <summary>
/// What a lockstep does for one version alone while the others wait: an entry, a retry of dead letters, a repair. It works on rows of its own,
/// never on those that a member keeps in memory; it has a limit of time, mostly <see cref="ProjectionsOptions.GuestLimit"/>; and whatever it
/// meets is told to whoever asked for it, and stops nobody else.
/// </summary>
internal static class GuestStep
{
    /// <summary>How long work that was called off may take to notice, before it is left alone.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromMilliseconds(500);

    /// <param name="system">Whose limit and clock count.</param>
    /// <param name="version">For whom it is done.</param>
    /// <param name="atMost">How long it may take.</param>
    /// <param name="work">The work. Every statement that it sends takes the token, so that nothing of it is committed once it is over its time.</param>
    /// <param name="stop">Cancelled when the lockstep stops.</param>
    /// <returns>What went wrong, or <c>null</c> when it is done.</returns>
    /// <exception cref="LeaseLost">Another worker has taken the version over.</exception>
    public static async Task<GuestFault?> RunAsync(ProjectionSystem system, VersionId version, TimeSpan atMost, Func<CancellationToken, Task> work, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(atMost, system.Time);
        // Not disposed with the step: a handler that never returns still has it.
        var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        // A handler may compute for ever without looking at a token.
        var working = Task.Run(() => work(either.Token), CancellationToken.None);
        try
        {
            await working.WaitAsync(atMost + Notice, system.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.ThrowIfCancellationRequested();
            await (working.IsCompleted ? working : throw new OperationCanceledException());
            return null;
        }
        catch (Exception exception) when (exception is not LeaseLost && !stop.IsCancellationRequested)
        {
            var tooLong = limit.IsCancellationRequested || exception is OperationCanceledException;
            return new GuestFault(
                tooLong ? DropOut.OverLimit(version, atMost) : DropOut.OfGuest(exception), tooLong, working.IsCompleted ? null : working);
        }
    }
}

/// <summary>Why a guest's step came to nothing.</summary>
/// <param name="DropOut">The reason; it fails the guest, or is to be tried again later.</param>
/// <param name="OverLimit">Whether its time was up.</param>
/// <param name="StillRunning">A handler that has not returned; what it works on must not be touched.</param>
internal sealed record GuestFault(DropOut DropOut, bool OverLimit, Task? StillRunning)
{
    /// <summary>Whether it may well go better next time, with nothing changed.</summary>
    public bool Passes => !DropOut.Fails && !OverLimit;
}
