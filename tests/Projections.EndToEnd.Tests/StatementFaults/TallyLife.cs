using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Postgres;
using Projections.PostgresEvents;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;
using Projections.TestServers.Faults;

namespace Projections.EndToEnd.StatementFaults;

/// <summary>
/// The second version of the tally, from its rebuild to its end, again and again beside the first one: a worker, whoever commands, and the events
/// have a way to PostgreSQL at which something can go wrong with a single statement.
/// </summary>
internal sealed class TallyLife : IAsyncDisposable
{
    private const int Events = 200;

    private const string Folded =
        "select stream_id, sum((data->>'amount')::int)::bigint, count(*)::int from events.mt_events group by 1";

    private readonly World _world;
    private readonly FaultyProxy _way;
    private readonly NpgsqlDataSource _events;
    private readonly RecordedLog _log = new();
    private ProjectionSystem _system = null!;
    private int _lives;

    private TallyLife(World world)
    {
        _world = world;
        _way = FaultyProxy.ToPostgres(world.Database.ConnectionString);
        _events = NpgsqlDataSource.Create(_way.Through(world.Database.ConnectionString));
    }

    public static async Task<TallyLife> BeginAsync(PostgresFixture postgres)
    {
        var life = new TallyLife(await World.CreateAsync(postgres));
        await life._world.SeedTalliesAsync(Events);
        var source = await PostgresEventSource.OpenAsync(life._events, EventTableMapping.Marten("events") with { GraceTime = TimeSpan.Zero });
        life._system = await life._world.OpenAsync(TallyWorld.Both, source: source, loggers: life._log, through: life._way);
        life._world.Start(life._system);
        await life._world.BuildAndSwitchAsync(life._system, "tally", 1);
        return life;
    }

    /// <summary>Lives once.</summary>
    /// <param name="at">Where something goes wrong; nowhere when <c>null</c>.</param>
    /// <param name="fault">What goes wrong there.</param>
    public async Task<Course> RunAsync(FaultPlace? at = null, WireFault? fault = null)
    {
        _lives++;
        var places = new FaultPlaces();
        var logged = _log.Lines.Count;
        var met = false;
        _way.FaultAt = sent =>
        {
            var isHere = places.Note(sent) is { } place && place == at;
            met |= isHere;
            return isHere ? fault : null;
        };
        places.Begin("rebuild");
        await GiveAsync(new RebuildCommand { Projection = TallyWorld.Tally, To = 2 });
        await _world.BecomesAsync("tally", 2, VersionState.Ready);
        await _world.EventuallyAsync("select count(*) from projections.version where phase = 'following' and joined_at is null", 0L);
        places.Begin("switch");
        await GiveAsync(new SwitchCommand { Projection = TallyWorld.Tally, To = 2 });
        places.Begin("follow");
        await _world.AddAsync(TallyWorld.StreamOf(_lives % 100), 1);
        var live = await SettledAsync();
        places.Begin("rollback");
        await GiveAsync(new RollbackCommand { Projection = TallyWorld.Tally });
        places.Begin("retire");
        await GiveAsync(new RetireCommand { Projection = TallyWorld.Tally, Version = 2 });
        _way.Mend();
        var end = await SettledAsync();
        return new Course(places.All, met, live, end, [.. _log.Lines.Skip(logged).Where(line => line.Level >= LogLevel.Error).Select(line => line.Text)]);
    }

    public async ValueTask DisposeAsync()
    {
        _way.Mend();
        await _world.DisposeAsync();
        await _events.DisposeAsync();
        await _way.DisposeAsync();
    }

    /// <summary>Gives a command until it is known to be done, as somebody does who is told that it could not be, or that nobody knows.</summary>
    private async Task GiveAsync<TResult>(Command<TResult> command)
        where TResult : ICommandResult
    {
        var context = World.Someone with { CommandId = Guid.NewGuid() };
        await Deadline.UntilAsync<Exception?>(
            async () =>
            {
                try
                {
                    await command.RunAsync(_system, context, CancellationToken.None);
                    return null;
                }
                catch (Exception exception) when (exception is SwitchRefused || PassingFault.Is(exception))
                {
                    return exception;
                }
            },
            fault => fault is null,
            $"carry out {command}");
    }

    /// <summary>How things are once every event is in: nothing of it depends on what went wrong before.</summary>
    private async Task<string> SettledAsync()
    {
        await _world.EventuallyAsync(
            """
            select count(*) from projections.version
            where phase = 'following' and (lease_holder is null or position_major is distinct from (select max(seq_id) from events.mt_events))
            """,
            0L);
        var lines = await _world.ColumnAsync(
            $"""
            select concat_ws(' ', 'v' || number, phase, role, case when has_table then 'has a table' end, failure,
                             events_done - (select count(*) from events.mt_events where has_table))
            from projections.version
            union all
            select concat_ws(' ', c.relkind, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relname like 'tally%' or n.nspname like 'projections_check%'
            union all
            select concat('shows ', pg_get_viewdef('tally'::regclass))
            union all
            select concat('v1 differs in ', count(*)) from (
                ({Folded} except select id, total, events from tally_v1) union all (select id, total, events from tally_v1 except {Folded})) d
            union all
            select concat('the name differs in ', count(*)) from (
                ({Folded} except select id, total, events from tally) union all (select id, total, events from tally except {Folded})) d
            union all
            select concat('switches beyond two a life: ', count(*) - 1 - {_lives} * 2 + case when max(to_version) filter (where generation = (select max(generation) from projections.switch)) = 2 then 1 else 0 end) from projections.switch
            union all
            select concat('dead letters: ', count(*)) from projections.dead_letter
            """);
        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    /// <summary>How a life went.</summary>
    /// <param name="Places">What it came by.</param>
    /// <param name="Met">Whether it came by where something was to go wrong.</param>
    /// <param name="Live">How things were with v2 live.</param>
    /// <param name="End">How they were in the end.</param>
    /// <param name="Errors">What was logged as an error.</param>
    internal sealed record Course(IReadOnlyList<FaultPlace> Places, bool Met, string Live, string End, IReadOnlyList<string> Errors);
}
