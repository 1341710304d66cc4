using System.Globalization;
using Npgsql;
using Projections.Chaos.Ground;

namespace Projections.Chaos.Faults;

/// <summary>PostgreSQL ends without finishing anything, and recovers.</summary>
internal sealed record RestartServer(ChaosGround Ground) : Fault("PostgreSQL restarted (immediate)", 2)
{
    public override async Task<string?> StrikeAsync(Random random)
    {
        var away = Between(random, 0, 4);
        await Ground.RestartAsync(away);
        return string.Create(CultureInfo.InvariantCulture, $"PostgreSQL stopped at once, and started again after {away.TotalSeconds:0.0} s");
    }
}

/// <summary>Somebody ends sessions: of the workers, or of those who write events.</summary>
internal sealed record EndSessions(ChaosGround Ground) : Fault("sessions terminated", 24)
{
    public override async Task<string?> StrikeAsync(Random random)
    {
        var ofWorkers = random.Next(4) > 0;
        var most = random.Next(1, 6);
        await using var command = Ground.Observer.CreateCommand(
            """
            select count(pg_terminate_backend(pid))
            from (select pid from pg_stat_activity where application_name like $1 order by random() limit $2) as chosen
            """);
        command.Parameters.AddWithValue(ofWorkers ? "projections%" : ChaosGround.ShopName);
        command.Parameters.AddWithValue(most);
        try
        {
            var ended = (long)(await command.ExecuteScalarAsync())!;
            return $"{ended} sessions of {(ofWorkers ? "workers" : "writers")} terminated";
        }
        catch (NpgsqlException)
        {
            // The server is away itself.
            return null;
        }
    }
}

/// <summary>RabbitMQ is killed, and comes back.</summary>
internal sealed record TakeBrokerAway(ChaosGround Ground) : Fault("RabbitMQ away", Ground.Broker is null ? 0 : 2)
{
    private readonly SemaphoreSlim _away = new(1);

    public override async Task<string?> StrikeAsync(Random random)
    {
        if (!await _away.WaitAsync(TimeSpan.Zero))
        {
            return null;
        }

        try
        {
            var length = Between(random, 0, 10);
            await Ground.Broker!.KillAsync();
            await Task.Delay(length);
            await Ground.Broker.StartAsync();
            return string.Create(CultureInfo.InvariantCulture, $"RabbitMQ was away for {length.TotalSeconds:0.0} s");
        }
        finally
        {
            _away.Release();
        }
    }
}
