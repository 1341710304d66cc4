using Microsoft.Extensions.Configuration;
using Npgsql;
using Projections.Hosting.Configuration;
using Projections.Postgres;
using Projections.Serving;

namespace Projections.Hosting.Databases;

/// <summary>The list of databases that a program serves: from the settings, from a query, or names that are put into a template.</summary>
internal sealed class DatabaseList
{
    public const string Databases = "Databases";

    public const string Section = "DatabaseList";

    private const string QueryPath = $"{Section}:{nameof(DatabaseListOptions.Query)}";

    /// <summary>Where the query is run.</summary>
    public const string Control = "ConnectionStrings:DatabaseList";

    private readonly IReadOnlyList<DatabaseAddress> _fixed;
    private readonly string? _control;

    private DatabaseList(IReadOnlyList<DatabaseAddress> listed, DatabaseListOptions options, string? control)
    {
        _fixed = listed;
        Options = options;
        _control = control;
    }

    public DatabaseListOptions Options { get; }

    /// <summary>Whether the settings name a list, even of one, in place of the one pair of <c>ConnectionStrings</c>.</summary>
    public static bool IsIn(IConfiguration configuration) =>
        configuration.GetSection(Databases).GetChildren().Any() || configuration.GetSection(Section).GetChildren().Any();

    /// <exception cref="SettingsInvalid">Something is wrong; the message lists all of it.</exception>
    public static DatabaseList Read(IConfiguration configuration)
    {
        var errors = new List<string>();
        var options = new DatabaseListOptions();
        SectionBinder.Bind(configuration.GetSection(Section), options, errors);
        var listed = configuration.GetSection(Databases).GetChildren().Select(section => AddressOf(section, errors)).ToList();
        listed.AddRange((options.Names ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(name => Named(name, $"'{Section}:{nameof(DatabaseListOptions.Names)}'", errors)));
        foreach (var twice in listed.GroupBy(address => address.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            errors.Add($"The database '{twice.Key}' is named twice in '{Databases}' and '{Section}'. Leave one of them out.");
        }

        var control = options.Query is null ? null : SettingsReader.ReadConnection(configuration, Control, errors, "it says where the list of databases is read from");
        return errors.Count == 0
            ? new DatabaseList([.. listed.Select(address => Complete(address, options))], options, control)
            : throw new SettingsInvalid(errors);
    }

    /// <summary>Looks at the list as it is now.</summary>
    /// <exception cref="NpgsqlException">The query cannot be run.</exception>
    /// <exception cref="FormatException">The query gives something that is no list; the message says what.</exception>
    public async Task<IReadOnlyList<DatabaseAddress>> ReadAsync(CancellationToken cancellationToken)
    {
        if (Options.Query is null)
        {
            return _fixed;
        }

        var found = await QueryAsync(cancellationToken);
        var all = _fixed.Concat(found.Select(address => Complete(address, Options))).ToList();
        return all.GroupBy(address => address.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new FormatException($"the database '{twice.Key}' is named twice.")
            : all;
    }

    private static DatabaseAddress AddressOf(IConfigurationSection section, List<string> errors)
    {
        var options = new DatabaseOptions();
        SectionBinder.Bind(section, options, errors);
        return Named(section.Key, $"'{section.Path}'", errors) with { ReadModels = options.ReadModels, Events = options.Events, EventsReplay = options.EventsReplay };
    }

    private static DatabaseAddress Named(string name, string place, List<string> errors)
    {
        if (!DatabaseName.IsValid(name))
        {
            errors.Add($"{place} names a database '{name}'. Expected in a name are {DatabaseName.Expected}.");
        }

        return new DatabaseAddress(name, null);
    }

    private static DatabaseAddress Complete(DatabaseAddress address, DatabaseListOptions options)
    {
        var events = address.Events ?? address.Fill(options.Events);
        var ofReadModels = address.ReadModels is null ? $"{Section}:{nameof(DatabaseListOptions.ReadModels)}" : address.ReadModelsSetting;
        return address with
        {
            ReadModels = address.ReadModels ?? address.Fill(options.ReadModels),
            Events = events,
            EventsReplay = address.EventsReplay ?? address.Fill(options.EventsReplay),
            ReadModelsSetting = ofReadModels,
            // Where nobody says where the events are, they are beside the read models.
            EventsSetting = events is null ? ofReadModels : address.Events is null ? $"{Section}:{nameof(DatabaseListOptions.Events)}" : address.EventsSetting,
        };
    }

    private async Task<List<DatabaseAddress>> QueryAsync(CancellationToken cancellationToken)
    {
        // A session that is kept for a look twice a minute would be one of those that are to be saved.
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_control) { Pooling = false, ApplicationName = "projections/databases" });
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        return await connection.QueryAsync(Options.Query!, Read, cancellationToken);
    }

    private static DatabaseAddress Read(NpgsqlDataReader row)
    {
        var name = Text(row, 0);
        return DatabaseName.IsValid(name)
            ? new DatabaseAddress(name, Text(row, 1), Text(row, 2), Text(row, 3)) { ReadModelsSetting = QueryPath, EventsSetting = QueryPath }
            : throw new FormatException($"a name in it is none. Expected are {DatabaseName.Expected}.");
    }

    private static string? Text(NpgsqlDataReader row, int column) => column >= row.FieldCount || row.IsDBNull(column) ? null : row.GetValue(column).ToString();
}
