using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Operations;
using Projections.Switching;

namespace Projections.Benchmarks.Workers;

/// <summary>Gives commands to a worker in another process, and waits for what becomes of them.</summary>
internal sealed class Rebuilding(ProjectionSystem system)
{
    private static readonly CommandContext Context = new("benchmark");

    /// <summary>Asks for a rebuild.</summary>
    public Task AskAsync(string projection, int version, CancellationToken cancellationToken, int? throttle = null, int? shards = null) =>
        new RebuildCommand { Projection = new ProjectionName(projection), To = version, Throttle = throttle, Shards = shards }.RunAsync(system, Context, cancellationToken);

    /// <summary>Asks for a rebuild and waits for it.</summary>
    /// <returns>The version when it was ready.</returns>
    public async Task<VersionSnapshot> RunAsync(string projection, int version, CancellationToken cancellationToken, int? throttle = null, int? shards = null)
    {
        await AskAsync(projection, version, cancellationToken, throttle, shards);
        return await ReadyAsync(projection, version, cancellationToken);
    }

    /// <summary>Waits until a version is ready and in the lockstep.</summary>
    public async Task<VersionSnapshot> ReadyAsync(string projection, int version, CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = await LookAsync(new ProjectionName(projection), version, cancellationToken);
            switch (found)
            {
                case { ReadyAt: not null, Lockstep: true }:
                    return found;
                case { State: VersionState.Failed }:
                    throw new InvalidOperationException($"{found.Id} failed: {found.Failure}");
                default:
                    await Task.Delay(50, cancellationToken);
                    break;
            }
        }
    }

    public Task AbortAsync(string projection, int version, CancellationToken cancellationToken) =>
        new AbortCommand { Projection = new ProjectionName(projection), Version = version }.RunAsync(system, Context, cancellationToken);

    public Task<SwitchResult> SwitchAsync(string projection, int version, CancellationToken cancellationToken) =>
        new SwitchCommand { Projection = new ProjectionName(projection), To = version }.RunAsync(system, Context, cancellationToken);

    /// <summary>From the command to the state <c>ready</c>, by the database's clock.</summary>
    public static TimeSpan TimeOf(VersionSnapshot version) => version.ReadyAt!.Value - version.RequestedAt;

    /// <summary>Where the time went, for people.</summary>
    public static string Story(VersionSnapshot version) =>
        $"begun after {Ms(version.StartedAt - version.RequestedAt)}, replayed and indexed in {Ms(version.ReplayedAt - version.StartedAt)}, ready after another {Ms(version.ReadyAt - version.ReplayedAt)}";

    /// <returns>The version, or <c>null</c> when it is not there or the server was too busy to answer: the next look will tell.</returns>
    private async Task<VersionSnapshot?> LookAsync(ProjectionName projection, int version, CancellationToken cancellationToken)
    {
        try
        {
            return (await system.Catalog.ReadAsync(projection, cancellationToken))?.Find(version);
        }
        catch (NpgsqlException exception) when (exception.IsTransient || exception.InnerException is TimeoutException)
        {
            return null;
        }
    }

    private static string Ms(TimeSpan? time) => $"{time?.TotalMilliseconds ?? 0:N0} ms";
}
