using System.Reflection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Definitions;
using Projections.PostgresEvents;
using Projections.ReadModels.InvoiceSummary.V1;

namespace Projections.Host.Configuration;

/// <summary>A system made from the settings, with the connections to the event store that it reads by.</summary>
internal sealed class OpenSystem : IAsyncDisposable
{
    /// <summary>Where the read models are declared. A team adds its own assembly here, or replaces the examples' one.</summary>
    private static readonly Assembly[] ReadModels = [typeof(InvoiceSummaryV1).Assembly];

    private readonly NpgsqlDataSource _events;

    private OpenSystem(ProjectionSystem system, NpgsqlDataSource events)
    {
        System = system;
        _events = events;
    }

    public ProjectionSystem System { get; }

    /// <returns>The columns that a declared version's row type asks for; <c>null</c> when there is no such version or row type.</returns>
    public static IReadOnlyList<Tables.ColumnDefinition>? FindDeclaredColumns(VersionId id) =>
        ProjectionRegistry.FromAssemblies(ReadModels).Versions.FirstOrDefault(version => version.Id == id)?.Columns;

    /// <summary>Checks the declarations, connects, and brings the catalog to the form that this program knows.</summary>
    /// <exception cref="RegistryInvalid">A declaration is wrong.</exception>
    /// <exception cref="DatabaseUnreachable">A database cannot be reached, or does not let us in.</exception>
    public static async Task<OpenSystem> OpenAsync(HostSettings settings, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var registry = ProjectionRegistry.FromAssemblies(ReadModels);
        await DatabaseUnreachable.ThrowIfAsync(settings.ReadModels, "the read models", SettingsReader.ReadModels, cancellationToken);
        if (settings.Events != settings.ReadModels)
        {
            await DatabaseUnreachable.ThrowIfAsync(settings.Events, "the event store", SettingsReader.Events, cancellationToken);
        }

        // The name is one of ours, so that our own reading of events does not count as a reader with an old snapshot.
        var events = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(settings.Events) { ApplicationName = "projections/events" });
        try
        {
            var source = await PostgresEventSource.OpenAsync(events, settings.EventStore.ToMapping(), cancellationToken: cancellationToken);
            var system = new ProjectionSystem(registry, settings.ReadModels, source, settings.Engine, loggers);
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
