using Microsoft.Extensions.Logging;
using Projections.Postgres;
using Projections.Tables;

namespace Projections.Hosting.Configuration;

/// <summary>Connects a system to what the settings name.</summary>
internal static partial class SystemOpening
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Opens a system for a worker. What passes by itself (a server that starts, a connection that breaks) is waited for as long as
    /// <see cref="ProjectionsOptions.StartPatience"/> says, and the SQL files of all versions are run where they leave nothing behind, so that
    /// what would fail at the next rebuild is known beforehand.
    /// </summary>
    /// <inheritdoc cref="OpenAsync(ProjectionSystem, HostSettings, bool, CancellationToken)" path="/param|/returns|/exception"/>
    public static async Task<EventConnection> OpenForWorkAsync(ProjectionSystem system, HostSettings settings, CancellationToken cancellationToken)
    {
        var logger = system.Loggers.CreateLogger(typeof(SystemOpening));
        var began = system.Time.GetTimestamp();
        while (true)
        {
            try
            {
                return await OpenNowForWorkAsync(system, settings, cancellationToken);
            }
            catch (Exception exception) when (PassingFault.Is(exception) && settings.Engine.StartPatience - system.Time.GetElapsedTime(began) is var left && left > Pause)
            {
                LogWaiting(logger, exception.Cause, left.TotalSeconds);
            }

            await Task.Delay(Pause, system.Time, cancellationToken);
        }
    }

    /// <summary>Opens a system for a worker, and waits for nothing: somebody else tries again.</summary>
    /// <inheritdoc cref="OpenAsync(ProjectionSystem, HostSettings, bool, CancellationToken)" path="/param|/returns|/exception"/>
    public static Task<EventConnection> OpenNowForWorkAsync(ProjectionSystem system, HostSettings settings, CancellationToken cancellationToken) =>
        OpenAsync(system, settings, runsTables: true, cancellationToken);

    /// <inheritdoc cref="OpenAsync(ProjectionSystem, HostSettings, bool, CancellationToken)"/>
    public static Task<EventConnection> OpenAsync(ProjectionSystem system, HostSettings settings, CancellationToken cancellationToken) =>
        OpenAsync(system, settings, runsTables: false, cancellationToken);

    /// <summary>Checks the declarations, connects, and brings the catalog to the form that this program knows.</summary>
    /// <param name="system">The system, that has no events yet.</param>
    /// <param name="settings">The settings that it was made by.</param>
    /// <param name="runsTables">Whether the SQL files of all versions are tried. It takes a while.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <returns>The connections that events are read by, to be closed after the system.</returns>
    /// <exception cref="DatabaseUnreachable">A database cannot be reached, or does not let us in.</exception>
    private static async Task<EventConnection> OpenAsync(ProjectionSystem system, HostSettings settings, bool runsTables, CancellationToken cancellationToken)
    {
        await using (var connection = await DatabaseUnreachable.OpenAsync(system.ReadModels, "the read models", settings.ReadModelsSetting, cancellationToken))
        {
            if (runsTables)
            {
                system.Registry = system.Registry.With(await TableContract.FindErrorsAsync(connection, system.Registry.Versions, cancellationToken));
            }
        }

        var events = await EventConnection.OpenAsync(settings, system.Loggers, cancellationToken);
        system.ReadFrom(events.Source);
        try
        {
            await system.Catalog.InstallAsync(cancellationToken);
            return events;
        }
        catch
        {
            await events.DisposeAsync();
            throw;
        }
    }

    [LoggerMessage(811, LogLevel.Warning, "Cannot start yet: {Reason} Trying again, for {Left:0} s more.")]
    private static partial void LogWaiting(ILogger logger, string reason, double left);
}
