using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Projections.Chaos.Ground;
using Projections.Chaos.Report;

namespace Projections.Chaos.Load;

/// <summary>A service that queries a read name, and remembers what it has seen: it must never see an older state after a newer one.</summary>
/// <param name="ground">Where the read name is.</param>
/// <param name="record">What it tells.</param>
/// <param name="projection">The read name.</param>
/// <param name="query">Gives keys with numbers. A key's number only grows, and a key that is gone never comes back.</param>
/// <param name="prepares">Whether its statements are prepared by the server.</param>
internal sealed class Reader(ChaosGround ground, ChaosRecord record, string projection, string query, bool prepares)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>How long after the server was away a connection may turn out to be broken.</summary>
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(60);

    private const long Gone = long.MaxValue;

    private readonly Dictionary<string, long> _newest = [];

    public async Task ReadAsync(CancellationToken stop)
    {
        await using var database = NpgsqlDataSource.Create(ground.ReaderConnection(prepares));
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var began = Stopwatch.GetTimestamp();
                var state = await QueryAsync(database);
                record.SeeRead(Stopwatch.GetElapsedTime(began));
                See(state);
            }
            catch (NpgsqlException exception) when (IsServerAway(exception) && ground.SinceAway < Aftermath)
            {
                // The server is away for everybody.
            }
            catch (NpgsqlException exception)
            {
                record.Wrong(Wrongs.FailedReads, $"{projection}: {exception.Message}");
            }

            await Task.WhenAny(Task.Delay(Pause, stop));
        }
    }

    private async Task<Dictionary<string, long>> QueryAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand(query);
        await using var row = await command.ExecuteReaderAsync(CancellationToken.None);
        var state = new Dictionary<string, long>();
        while (await row.ReadAsync(CancellationToken.None))
        {
            state.Add(row.GetString(0), row.GetInt64(1));
        }

        return state;
    }

    private void See(Dictionary<string, long> state)
    {
        foreach (var (key, number) in state)
        {
            if (number < _newest.GetValueOrDefault(key))
            {
                record.Wrong(Wrongs.Older, string.Create(CultureInfo.InvariantCulture, $"{projection} {key}: {number} after {Text(_newest[key])}"));
            }

            _newest[key] = number;
        }

        foreach (var gone in _newest.Keys.Except(state.Keys).ToList())
        {
            _newest[gone] = Gone;
        }
    }

    private static string Text(long number) => number == Gone ? "it was gone" : number.ToString(CultureInfo.InvariantCulture);

    private static bool IsServerAway(NpgsqlException exception) =>
        exception is not PostgresException { SqlState: not (PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow) };
}
