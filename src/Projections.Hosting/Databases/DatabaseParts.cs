using Microsoft.Extensions.Logging;
using Projections.Checks;
using Projections.Definitions;
using Projections.Hosting.Configuration;
using Projections.Serving;

namespace Projections.Hosting.Databases;

/// <summary>What all databases of a program are opened with.</summary>
/// <param name="registry">The versions, compiled once for all.</param>
/// <param name="settingsOf">The settings of one of them.</param>
/// <param name="served">Where those that are open are found.</param>
/// <param name="process">What they share.</param>
/// <param name="connections">The connections of the process.</param>
/// <param name="loggers">Where they say what they do.</param>
/// <param name="time">The clock.</param>
internal sealed class DatabaseParts(
    ProjectionRegistry registry,
    Func<DatabaseAddress, HostSettings> settingsOf,
    ServedDatabases served,
    ProcessResources process,
    ConnectionBudget connections,
    ILoggerFactory loggers,
    TimeProvider time) : IDisposable
{
    /// <summary>To open one, all SQL files of all versions are tried; a few at a time leave room for those that are open.</summary>
    private const int OpenedAtOnce = 4;

    public ProjectionRegistry Registry { get; } = registry;

    public ServedDatabases Served { get; } = served;

    public ProcessResources Process { get; } = process;

    public ConnectionBudget Connections { get; } = connections;

    public ILoggerFactory Loggers { get; } = loggers;

    public TimeProvider Time { get; } = time;

    /// <summary>Turns at opening one.</summary>
    public SemaphoreSlim Openings { get; } = new(OpenedAtOnce);

    /// <summary>What catch-up checks expect.</summary>
    public Func<CatchUpSettings> Expectations { get; init; } = () => new CatchUpSettings();

    /// <summary>How many there are, open or not.</summary>
    public int Count => Math.Max(1, Served.All.Count);

    /// <exception cref="SettingsInvalid">Something is wrong; the message lists all of it.</exception>
    public HostSettings SettingsOf(DatabaseAddress address) => settingsOf(address);

    public void Dispose()
    {
        Openings.Dispose();
        Process.Dispose();
    }
}
