using Microsoft.Extensions.Configuration;
using Projections.Hosting.Configuration;
using Projections.Serving;

namespace Projections.Hosting.Databases;

/// <summary>The settings of one database of several: the program's, but for where it is, and at a pace that many can keep together.</summary>
internal static class DatabaseSettings
{
    /// <summary>All together look at the heads of event stores a hundred times a second at most while nothing happens.</summary>
    private static readonly TimeSpan HeadPerDatabase = TimeSpan.FromMilliseconds(10);

    /// <summary>All together renew their leases 25 times a second at most.</summary>
    private static readonly TimeSpan LeasePerDatabase = TimeSpan.FromMilliseconds(200);

    /// <param name="configuration">The program's settings.</param>
    /// <param name="address">Where the database is.</param>
    /// <param name="source">Opens the program's own event source; <c>null</c> where the settings say which is read.</param>
    /// <exception cref="SettingsInvalid">Something is wrong; the message lists all of it.</exception>
    public static HostSettings Read(IConfiguration configuration, DatabaseAddress address, OpenEventSource? source)
    {
        if (string.IsNullOrWhiteSpace(address.ReadModels))
        {
            throw new SettingsInvalid([$"Nothing says where the read models of the database '{address.Name}' are. Set '{DatabaseList.Databases}:{address.Name}:{nameof(DatabaseOptions.ReadModels)}', or '{DatabaseList.Section}:{nameof(DatabaseListOptions.ReadModels)}' for all that have none of their own."]);
        }

        var own = new ConfigurationBuilder()
            .AddConfiguration(configuration)
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                [SettingsReader.ReadModels] = address.ReadModels,
                [SettingsReader.Events] = address.Events,
                [SettingsReader.EventsReplay] = address.EventsReplay,
            })
            .Build();
        return SettingsReader.Read(own, source) with { ReadModelsSetting = address.ReadModelsSetting, EventsSetting = address.EventsSetting };
    }

    /// <summary>Has what costs the same whether anything happens or not done so seldom that so many databases cost no more than a few.</summary>
    public static HostSettings Paced(this HostSettings settings, int databases)
    {
        settings.Engine.LeaseDuration = ProcessResources.Pace(settings.Engine.LeaseDuration, LeasePerDatabase, databases);
        return settings with { HeadInterval = ProcessResources.Pace(settings.HeadInterval, HeadPerDatabase, databases) };
    }
}
