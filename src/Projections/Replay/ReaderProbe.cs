using Npgsql;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Replay;

/// <summary>Reads as the readers of a projection do, again and again while it is rebuilt, and tells a <see cref="ReaderGuard"/> how long it took.</summary>
internal sealed class ReaderProbe : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly ProjectionSystem _system;
    private readonly ReaderGuard _guard;
    private readonly Func<double?> _rate;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _probing;

    private ReaderProbe(ProjectionSystem system, ProjectionName projection, ReaderGuard guard, Func<double?> rate)
    {
        _system = system;
        _guard = guard;
        _rate = rate;
        _probing = Task.Run(() => ProbeAsync(projection));
    }

    /// <param name="system">Where the read model is.</param>
    /// <param name="projection">Whose readers are meant.</param>
    /// <param name="guard">Learns how long they wait.</param>
    /// <param name="rate">Tells the rate of the replay.</param>
    public static ReaderProbe Start(ProjectionSystem system, ProjectionName projection, ReaderGuard guard, Func<double?> rate) =>
        new(system, projection, guard, rate);

    public async ValueTask DisposeAsync()
    {
        await _stop.CallOffAsync();
        await _probing;
        _stop.Dispose();
    }

    private async Task ProbeAsync(ProjectionName projection)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(projection);
            }
            catch (NpgsqlException)
            {
                // The replay is told of a broken connection by its own; the next round tries again.
                await Task.Delay(Interval, _system.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ReadAsync(ProjectionName projection)
    {
        await using var connection = await _system.ReadModels.OpenConnectionAsync(_stop.Token);
        var name = SqlName.Quote(_system.Options.Schema, projection.Value);
        var isRead = await connection.ScalarAsync<bool>("select to_regclass($1) is not null", _stop.Token, name);
        await using var read = new NpgsqlCommand(isRead ? $"select from {name} limit 1" : "select", connection);
        while (true)
        {
            var began = _system.Time.GetTimestamp();
            await read.ExecuteNonQueryAsync(_stop.Token);
            _guard.Observe(_system.Time.GetElapsedTime(began), _rate());
            await Task.Delay(Interval, _system.Time, _stop.Token);
        }
    }
}
