using Microsoft.Extensions.Configuration;
using Projections.EventStoreDb.Connection;
using Projections.EventStoreDb.Errors;
using Projections.Postgres;

namespace Projections.Hosting.Configuration;

/// <summary>Reads the settings and collects everything that is wrong with them.</summary>
internal static class SettingsReader
{
    public const string FileName = "appsettings.json";
    public const string ReadModels = "ConnectionStrings:ReadModels";
    public const string Events = "ConnectionStrings:Events";

    /// <summary>A streaming standby of the server with the events, from which history is read.</summary>
    public const string EventsReplay = "ConnectionStrings:EventsReplay";

    /// <summary>Files of assemblies with read models, separated by semicolons.</summary>
    public const string Assemblies = "Assemblies";
    public const string Engine = "Projections";
    public const string EventStore = "Events";


    /// <summary>As hosting platforms set it; where nothing else names the read models' database.</summary>
    public const string DatabaseUrl = "DATABASE_URL";

    internal const string Example = "'Host=localhost;Database=shop;Username=shop;Password=...' or 'postgres://shop:...@localhost/shop'";

    /// <param name="configuration">Where the settings stand.</param>
    /// <param name="source">Opens the program's own event source; <c>null</c> where the settings say which is read.</param>
    /// <exception cref="SettingsInvalid">Something is wrong; the message lists all of it.</exception>
    public static HostSettings Read(IConfiguration configuration, OpenEventSource? source = null)
    {
        var errors = new List<string>();
        var readModels = ReadConnection(configuration, ReadModels, "--read-models", required: true, errors);
        var engine = new ProjectionsOptions();
        SectionBinder.Bind(configuration.GetSection(Engine), engine, errors);
        var store = new EventStoreOptions();
        if (source is null)
        {
            SectionBinder.Bind(configuration.GetSection(EventStore), store, errors);
        }

        var events = source is not null ? configuration[Events]
            : store.Kind == EventStoreKind.EventStoreDb
            ? ReadEventStoreDb(configuration, errors)
            : ReadConnection(configuration, Events, "--events", required: false, errors);
        var replay = ReadConnection(configuration, EventsReplay, option: null, required: false, errors);
        if (replay is not null && (source is not null || store.Kind == EventStoreKind.EventStoreDb))
        {
            errors.Add($"'{EventsReplay}' names a streaming standby, which only event tables in PostgreSQL have ('{EventStore}:Kind' marten, emmett or message-db). Leave it out.");
        }

        return errors.Count == 0
            ? new HostSettings(readModels!, events ?? readModels!, store, engine)
            {
                EventsReplay = replay,
                OpenOwn = source is null ? null : (loggers, stop) => source(configuration, loggers, stop),
            }
            : throw new SettingsInvalid(errors);
    }

    /// <summary>Reads how the engine works, by itself.</summary>
    /// <exception cref="SettingsInvalid">Something is wrong; the message lists all of it.</exception>
    public static ProjectionsOptions ReadEngine(IConfiguration configuration)
    {
        var errors = new List<string>();
        var engine = new ProjectionsOptions();
        SectionBinder.Bind(configuration.GetSection(Engine), engine, errors);
        return errors.Count == 0 ? engine : throw new SettingsInvalid(errors);
    }

    /// <summary>Reads a connection string that must be there.</summary>
    /// <param name="configuration">Where the settings stand.</param>
    /// <param name="path">The setting.</param>
    /// <param name="errors">What is wrong is added to it.</param>
    /// <param name="meaning">What it says, where it is missing.</param>
    public static string? ReadConnection(IConfiguration configuration, string path, ICollection<string> errors, string meaning)
    {
        var found = new List<string>();
        var value = ReadConnection(configuration, path, option: null, required: false, found);
        if (value is null && found.Count == 0)
        {
            found.Add($"'{path}' is missing: {meaning}, such as {Example}. {HowToSet(path, option: null)}");
        }

        found.ForEach(errors.Add);
        return value;
    }

    private static string? ReadEventStoreDb(IConfiguration configuration, List<string> errors)
    {
        var value = configuration[Events] ?? "";
        try
        {
            ConnectionString.Parse(value);
        }
        catch (ConnectionStringInvalid invalid)
        {
            errors.Add($"'{Events}' {(value.Length == 0 ? "is missing" : "cannot be used")}: {invalid.Message} Expected is one such as 'esdb://user:password@localhost:2113?tls=false'. {HowToSet(Events, "--events")}");
        }

        return value;
    }

    private static string? ReadConnection(IConfiguration configuration, string path, string? option, bool required, List<string> errors)
    {
        var value = configuration[path] is { Length: > 0 } given ? given : required ? configuration[DatabaseUrl] : null;
        if (string.IsNullOrWhiteSpace(value))
        {
            if (required)
            {
                errors.Add($"'{path}' is missing: it says where the read models and the catalog are, such as {Example}. {HowToSet(path, option)}");
            }

            return null;
        }

        try
        {
            return ConnectionText.ToConnectionString(value);
        }
        catch (FormatException invalid)
        {
            errors.Add($"'{path}' {invalid.Message}. Expected is a connection string such as {Example}. {HowToSet(path, option)}");
            return null;
        }
    }

    private static string HowToSet(string path, string? option) => option is null ? SectionBinder.HowToSet(path) : SectionBinder.HowToSet(path).TrimEnd('.') + $", or by the option {option}.";
}
