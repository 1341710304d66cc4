namespace Projections.Following;

/// <summary>
/// How much time a version that is not live may still take of the lockstep. What it takes beyond what the live version took
/// for the same events is charged, so that a busy machine is not held against it; a quarter of the time that passes is
/// given back. So a slow batch now and then is forgiven, and one that crawls is found within a second or two.
/// </summary>
internal sealed class TimeShare(TimeSpan capacity, TimeProvider time)
{
    private const double GivenBack = 0.25;

    private long _since = time.GetTimestamp();
    private TimeSpan _charged;

    /// <summary>What is left; zero or less: the version drops out.</summary>
    public TimeSpan Left
    {
        get
        {
            var now = time.GetTimestamp();
            var back = time.GetElapsedTime(_since, now) * GivenBack;
            _since = now;
            _charged = _charged > back ? _charged - back : TimeSpan.Zero;
            return capacity - _charged;
        }
    }

    public void Charge(TimeSpan taken, TimeSpan leaders) => _charged += taken > leaders ? taken - leaders : TimeSpan.Zero;
}
