using System.Diagnostics;
using Npgsql;
using Projections.Catalog;
using Projections.Chaos.Ground;
using Projections.Chaos.Report;

namespace Projections.Chaos.Examination;

/// <summary>Looks for what should have been put away: sessions, tables and views, orders, comparisons that found something.</summary>
internal sealed class LeftOvers(ChaosGround ground, ChaosRecord record)
{
    private const string Relations =
        """
        select c.relnamespace::regnamespace::text || '.' || c.relname
        from pg_class c
        where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and c.relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema', 'pg_toast', 'events')
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public async Task FindAsync(CancellationToken cancellationToken)
    {
        await TellAsync(Wrongs.Sessions, await SessionsAsync(cancellationToken));
        await TellAsync(Wrongs.Relations, (await ListAsync(ground.Observer, Relations)).Except(await ExpectedRelationsAsync(cancellationToken)));
        await TellAsync(Wrongs.Orders, await ListAsync(ground.Observer, "select 'order ' || number || ' for ' || projection || ' v' || version || ': ' || work from projections.work_order where ended_at is null"));
        await TellAsync(Wrongs.Orders, await ListAsync(ground.Observer, "select 'repair ' || id || ' of ' || projection || ' v' || number from projections.repair where status = 'waiting'"));
        await TellAsync(Wrongs.Different, await ListAsync(ground.Observer, "select 'v' || earlier || ' and v' || later || ' of ' || projection || ' at ' || at || ': ' || report from projections.verification where not agrees"));
        await TellAsync(Wrongs.Failed, await ListAsync(ground.Observer, "select projection || ' v' || number || ' at ' || at || ': ' || coalesce(why, '') from projections.transition where to_state = 'failed'"));
    }

    private Task TellAsync(string what, IEnumerable<string> found)
    {
        foreach (var one in found)
        {
            record.Wrong(what, one);
        }

        return Task.CompletedTask;
    }

    /// <summary>The workers are gone by now; the server may take a moment to notice.</summary>
    private async Task<IReadOnlyList<string>> SessionsAsync(CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        IReadOnlyList<string> sessions;
        do
        {
            sessions = await ListAsync(ground.Observer, "select concat_ws(' ', application_name, state, query) from pg_stat_activity where application_name like 'projections%'");
            await Task.Delay(100, cancellationToken);
        }
        while (sessions.Count > 0 && Stopwatch.GetElapsedTime(began) < Patience);

        return [.. sessions, .. await ListAsync(ground.Observer, "select 'prepared transaction ' || gid from pg_prepared_xacts")];
    }

    /// <summary>A fresh catalog's, and those of eight versions and four read names.</summary>
    private async Task<IReadOnlyList<string>> ExpectedRelationsAsync(CancellationToken cancellationToken)
    {
        await using var fresh = NpgsqlDataSource.Create(await ground.CreateDatabaseAsync("fresh", cancellationToken));
        await new ProjectionCatalog(fresh).InstallAsync(cancellationToken);
        string[] projections = ["balance", "customer_total", "journal", "open_account"];
        return [.. await ListAsync(fresh, Relations), .. projections.SelectMany(name => (string[])[$"public.{name}", $"public.{name}_v1", $"public.{name}_v2"])];
    }

    private static async Task<IReadOnlyList<string>> ListAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await using var row = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await row.ReadAsync())
        {
            lines.Add(row.GetString(0));
        }

        return lines;
    }
}
