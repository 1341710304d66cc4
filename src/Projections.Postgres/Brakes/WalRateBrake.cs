using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace Projections.Postgres.Brakes;

/// <summary>
/// Holds while the server writes more log than replicas and archives are sent in time. What was written too fast is rested for as long as it should have taken, so that the rate
/// holds on average over some seconds.
/// </summary>
/// <param name="most">Megabytes a second, by all who write on the server.</param>
/// <param name="time">The clock.</param>
internal sealed class WalRateBrake(int most, TimeProvider time) : IBrake
{
    // In seconds; a shorter rest helps nobody.
    private const double LeastRest = 0.1;

    // In seconds: what was not written meanwhile may be written at once, as a commit does.
    private const double MostSaved = 5;

    // In seconds: what others have written for hours need not be rested for as long once they have ended.
    private const double MostOwed = 30;

    private long _lookedAt;
    private ulong? _written;
    private double _owed;
    private double _rate;

    public string Name => "wal-rate";

    public async Task<string?> FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var written = (ulong)await connection.ScalarAsync<NpgsqlLogSequenceNumber>("SELECT pg_current_wal_insert_lsn()", cancellationToken);
        var now = time.GetTimestamp();
        // A server that was restored stands at an earlier place.
        if (_written is { } before && written >= before)
        {
            Add((written - before) / 1e6, time.GetElapsedTime(_lookedAt, now).TotalSeconds);
        }

        (_written, _lookedAt) = (written, now);
        return _owed >= LeastRest
            ? string.Create(CultureInfo.InvariantCulture, $"the server has written {_rate:0} MB of log a second, {most} MB/s are borne; so it rests for {_owed:0.0} s")
            : null;
    }

    private void Add(double megabytes, double seconds)
    {
        var due = megabytes / most;
        if (due > seconds)
        {
            _rate = megabytes / seconds;
        }

        _owed = Math.Clamp(_owed + due - seconds, -MostSaved, MostOwed);
    }
}
