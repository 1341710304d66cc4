using System.Reflection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Definitions;
using Projections.Tables;

namespace Projections.Host.Configuration;

/// <summary>A system made from the settings, with the connections to the event store that it reads by.</summary>
internal sealed class OpenSystem : IAsyncDisposable
{
    private readonly EventConnection _events;

    private OpenSystem(ProjectionSystem system, EventConnection events)
    {
        System = system;
        _events = events;
    }

    public ProjectionSystem System { get; }

    /// <returns>The columns that a declared version's row type asks for; <c>null</c> when there is no such version or row type.</returns>
    public static IReadOnlyList<ColumnDefinition>? FindDeclaredColumns(IEnumerable<Assembly> readModels, VersionId id) =>
        ProjectionRegistry.FromAssemblies(readModels).Versions.FirstOrDefault(version => version.Id == id)?.Columns;

    /// <summary>Checks the declarations, connects, and brings the catalog to the form that this program knows.</summary>
    /// <param name="readModels">Where the read models are declared.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="runsTables">Whether the SQL files of all versions are run where they leave nothing behind, so that what would fail at the
    /// next rebuild is known beforehand. It takes a while.</param>
    /// <param name="loggers">Where the system says what it does.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="DatabaseUnreachable">A database cannot be reached, or does not let us in.</exception>
    public static async Task<OpenSystem> OpenAsync(IEnumerable<Assembly> readModels, HostSettings settings, bool runsTables, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var registry = ProjectionRegistry.FromAssemblies(readModels);
        await DatabaseUnreachable.ThrowIfAsync(settings.ReadModels, "the read models", SettingsReader.ReadModels, cancellationToken);
        if (runsTables)
        {
            await using var connection = new NpgsqlConnection(settings.ReadModels);
            await connection.OpenAsync(cancellationToken);
            registry = registry.With(await TableContract.FindErrorsAsync(connection, registry.Versions, cancellationToken));
        }

        var events = await EventConnection.OpenAsync(settings, loggers, cancellationToken);
        try
        {
            var system = new ProjectionSystem(registry, settings.ReadModels, events.Source, settings.Engine, loggers);
            await system.Catalog.InstallAsync(cancellationToken);
            return new OpenSystem(system, events);
        }
        catch
        {
            await events.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await System.DisposeAsync();
        await _events.DisposeAsync();
    }
}
