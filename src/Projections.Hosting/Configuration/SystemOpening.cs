using Npgsql;
using Projections.Tables;

namespace Projections.Hosting.Configuration;

/// <summary>Connects a system to what the settings name.</summary>
internal static class SystemOpening
{
    /// <summary>Checks the declarations, connects, and brings the catalog to the form that this program knows.</summary>
    /// <param name="system">The system, that has no events yet.</param>
    /// <param name="settings">The settings that it was made by.</param>
    /// <param name="runsTables">Whether the SQL files of all versions are run where they leave nothing behind, so that what would fail at the
    /// next rebuild is known beforehand. It takes a while.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <returns>The connections that events are read by, to be closed after the system.</returns>
    /// <exception cref="DatabaseUnreachable">A database cannot be reached, or does not let us in.</exception>
    public static async Task<EventConnection> OpenAsync(ProjectionSystem system, HostSettings settings, bool runsTables, CancellationToken cancellationToken)
    {
        await DatabaseUnreachable.ThrowIfAsync(settings.ReadModels, "the read models", SettingsReader.ReadModels, cancellationToken);
        if (runsTables)
        {
            await using var connection = new NpgsqlConnection(settings.ReadModels);
            await connection.OpenAsync(cancellationToken);
            system.Registry = system.Registry.With(await TableContract.FindErrorsAsync(connection, system.Registry.Versions, cancellationToken));
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
}
