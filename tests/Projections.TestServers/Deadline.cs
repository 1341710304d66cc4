namespace Projections.TestServers;

/// <summary>
/// How long tests wait for what they are about. Far longer than it takes on any machine, however busy: only what never happens reaches it, and
/// then the test says what it saw in its place.
/// </summary>
public static class Deadline
{
    /// <summary>Five minutes.</summary>
    public static readonly TimeSpan Generous = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Looks again and again until something is as it is waited for.</summary>
    /// <param name="look">Gives what there is to see.</param>
    /// <param name="isIt">Whether that is what is waited for.</param>
    /// <param name="what">What is waited for, in words that follow "did not".</param>
    /// <returns>What was seen in the end.</returns>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> isIt, string what)
    {
        var began = DateTime.UtcNow;
        while (true)
        {
            var seen = await look();
            if (isIt(seen))
            {
                return seen;
            }

            if (DateTime.UtcNow - began > Generous)
            {
                throw new InvalidOperationException($"It did not {what} within {Generous.TotalMinutes} minutes. What was seen last: {seen}");
            }

            await Task.Delay(Pause);
        }
    }

    /// <inheritdoc cref="UntilAsync{T}(Func{Task{T}}, Func{T, bool}, string)"/>
    public static Task<T> UntilAsync<T>(Func<T> look, Func<T, bool> isIt, string what) => UntilAsync(() => Task.FromResult(look()), isIt, what);
}
