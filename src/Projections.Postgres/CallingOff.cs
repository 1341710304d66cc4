namespace Projections.Postgres;

/// <summary>Calls off work that may have statements under way.</summary>
internal static class CallingOff
{
    /// <summary>
    /// Cancels, and everybody who waits is told. What Npgsql does to call a statement off can itself fail when the connection breaks at that
    /// moment (10.0: an <see cref="ObjectDisposedException"/> of something inside of it), which then comes out of the cancellation: whoever had sent the
    /// statement learns of the broken connection anyway, and it must not end a process that was only asked to stop.
    /// </summary>
    public static void CallOff(this CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (AggregateException failed) when (PassingFault.Is(failed))
        {
        }
    }

    /// <inheritdoc cref="CallOff"/>
    public static async Task CallOffAsync(this CancellationTokenSource source)
    {
        try
        {
            await source.CancelAsync();
        }
        catch (AggregateException failed) when (PassingFault.Is(failed))
        {
        }
    }
}
