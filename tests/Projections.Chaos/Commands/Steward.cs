using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Projections.Catalog;
using Projections.Chaos.Ground;
using Projections.Chaos.Report;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Operations;
using Projections.PostgresEvents;
using Projections.Switching;

namespace Projections.Chaos.Commands;

/// <summary>Somebody careful, who gets everything going before a storm, and puts everything right after it.</summary>
internal sealed class Steward : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500);
    private static readonly CommandContext Careful = new("steward");

    private readonly ChaosGround _ground;
    private readonly ChaosRecord _record;
    private readonly ProjectionSystem _system;

    private Steward(ChaosGround ground, ChaosRecord record, ProjectionSystem system) => (_ground, _record, _system) = (ground, record, system);

    public static async Task<Steward> CallAsync(ChaosGround ground, ChaosRecord record, CancellationToken cancellationToken)
    {
        var source = await PostgresEventSource.OpenAsync(ground.Shop, EventTableMapping.Marten(ChaosGround.EventSchema), cancellationToken: cancellationToken);
        var registry = ProjectionRegistry.FromAssemblies(typeof(Steward).Assembly);
        var system = new ProjectionSystem(registry, ground.ObserverConnection, source, new ProjectionsOptions(), NullLoggerFactory.Instance);
        await system.Catalog.InstallAsync(cancellationToken);
        return new Steward(ground, record, system);
    }

    /// <summary>Has v1 of every projection built and live, by the workers that run.</summary>
    public async Task BeginAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        foreach (var projection in _system.Registry.Projections)
        {
            await new RebuildCommand { Projection = projection, To = 1, SwitchWhenReady = true }.RunAsync(_system, Careful, cancellationToken);
        }

        await UntilAsync(versions => versions.Count(version => version.Version.State == VersionState.Live) == _system.Registry.Projections.Count, "live", patience, cancellationToken);
    }

    /// <summary>Has all versions of all projections built, resumed and caught up with everything that is in the store, and all orders ended.</summary>
    public async Task SettleAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var head = await HeadAsync(cancellationToken);
        try
        {
            await UntilAsync(versions => versions.Count == _system.Registry.Versions.Count && versions.All(version => IsSettled(version, head)), "settled", patience, cancellationToken);
            await OrdersEndAsync(patience, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            _record.Wrong(Wrongs.Unsettled, exception.Message);
        }
    }

    public ValueTask DisposeAsync() => _system.DisposeAsync();

    private static bool IsSettled(VersionStatus status, EventPosition head) =>
        status is { Version: { State: VersionState.Ready or VersionState.Live or VersionState.Standby, Lockstep: true } version, LateEvents.Waiting: 0 }
        && version.Checkpoint >= head;

    private async Task UntilAsync(Func<IReadOnlyList<VersionStatus>, bool> condition, string what, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        IReadOnlyList<VersionStatus> versions = [];
        while (Stopwatch.GetElapsedTime(began) < patience)
        {
            try
            {
                versions = [.. (await new ReadStatus(_system).RunAsync(null, cancellationToken)).SelectMany(projection => projection.Versions)];
                if (condition(versions))
                {
                    return;
                }

                await PutRightAsync([.. versions.Select(version => version.Version)], what == "settled", cancellationToken);
                await ReplaceAsync(versions.Where(version => version.LateEvents.Problem is not null), cancellationToken);
            }
            catch (NpgsqlException exception)
            {
                _record.Say($"The steward was interrupted: {exception.Message}");
            }

            await Task.Delay(Beat, cancellationToken);
        }

        throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"After {patience.TotalMinutes:0.#} minutes the versions are not {what}: {string.Join("; ", versions)}"));
    }

    private async Task PutRightAsync(IReadOnlyList<VersionSnapshot> versions, bool all, CancellationToken cancellationToken)
    {
        foreach (var version in versions.Where(version => version.State is VersionState.Paused or VersionState.Failed))
        {
            _record.Say($"{version.Id} is {version.State.Text()}{(version.Failure is { } failure ? $" ({failure})" : "")} and is resumed");
            await TryAsync(() => new ResumeCommand { Projection = version.Id.Projection, Version = version.Id.Number }.RunAsync(_system, Careful, cancellationToken));
        }

        foreach (var version in versions.Where(version => version.Throttle is not null && version.State is not VersionState.Retired))
        {
            await TryAsync(() => new SetThrottleCommand { Projection = version.Id.Projection, Version = version.Id.Number }.RunAsync(_system, Careful, cancellationToken));
        }

        // A table that could not be dropped when its version was retired.
        foreach (var version in versions.Where(version => version is { State: VersionState.Retired, HasTable: true }))
        {
            await TryAsync(() => new RetireCommand { Projection = version.Id.Projection, Version = version.Id.Number }.RunAsync(_system, Careful, cancellationToken));
        }

        foreach (var id in _system.Registry.Versions.Select(version => version.Id).Where(id => all && versions.FirstOrDefault(version => version.Id == id) is null or { State: VersionState.Retired }))
        {
            await TryAsync(() => new RebuildCommand { Projection = id.Projection, To = id.Number }.RunAsync(_system, Careful, cancellationToken));
        }
    }

    /// <summary>Does what the check <c>late-events</c> tells an operator: a version that lacks events and cannot get them is given up, to be built
    /// anew; the live one once reads can go to another.</summary>
    private async Task ReplaceAsync(IEnumerable<VersionStatus> lacking, CancellationToken cancellationToken)
    {
        foreach (var version in lacking.Select(status => status.Version))
        {
            var (projection, number) = (version.Id.Projection, version.Id.Number);
            _record.Say($"{version.Id} ({version.State.Text()}) lacks late events, as it says, and is replaced");
            await TryAsync(() => version.Role switch
            {
                VersionRole.Live => new SwitchCommand { Projection = projection, To = 3 - number }.RunAsync(_system, Careful, cancellationToken),
                VersionRole.Candidate => new AbortCommand { Projection = projection, Version = number }.RunAsync(_system, Careful, cancellationToken),
                _ => new RetireCommand { Projection = projection, Version = number }.RunAsync(_system, Careful, cancellationToken),
            });
        }
    }

    private static async Task TryAsync(Func<Task> operation)
    {
        try
        {
            await operation();
        }
        catch (Exception exception) when (exception is OperationRefused or SwitchRefused)
        {
            // Not as things are at this moment; it is tried again with the next beat.
        }
    }

    private async Task<EventPosition> HeadAsync(CancellationToken cancellationToken)
    {
        await using var command = _ground.Shop.CreateCommand($"select coalesce(max(seq_id), 0) from {ChaosGround.EventSchema}.mt_events");
        return new EventPosition((long)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    private async Task OrdersEndAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (await OpenOrdersAsync(cancellationToken) > 0 && Stopwatch.GetElapsedTime(began) < patience)
        {
            await Task.Delay(Beat, cancellationToken);
        }
    }

    private async Task<long> OpenOrdersAsync(CancellationToken cancellationToken)
    {
        await using var command = _ground.Observer.CreateCommand(
            "select (select count(*) from projections.work_order where ended_at is null) + (select count(*) from projections.repair where status = 'waiting')");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
