using System.CommandLine;
using Projections.CommandLine.Commands.Databases;
using Projections.Hosting.Configuration;
using Projections.Hosting.Databases;
using Projections.Migrations;
using Projections.Migrations.Tenants;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary>The options that say which migrations are meant, and where they run; the same for every verb of <c>migrate</c>.</summary>
internal sealed class MigrationOptionSet
{
    /// <summary>What the setting of a service says whose tables are beside the events of each database of a list.</summary>
    private const string EventsPlace = "{events}";

    private static readonly TenantOptions TenantDefaults = new();

    private readonly Option<string?> _service = new("--service") { Description = "The service; its database is ConnectionStrings__SERVICE, the read models' one, or DATABASE_URL. Can be left out where there is one only.", HelpName = "NAME" };
    private readonly Option<string> _root = new("--migrations") { Description = "The folder with a folder for each service. The default is migrations.", HelpName = "FOLDER", DefaultValueFactory = _ => "migrations" };
    private readonly Option<string> _schema = new("--tracking-schema") { Description = "Schema of the tracking table. The default is public.", HelpName = "NAME", DefaultValueFactory = _ => "public" };
    private readonly Option<string> _table = new("--tracking-table") { Description = "Name of the tracking table. The default is schema_migrations.", HelpName = "NAME", DefaultValueFactory = _ => "schema_migrations" };
    private readonly Option<string> _tenants = new("--tenants") { Description = "A LIKE pattern for the names of tenants' schemas. The default is tenant\\_%.", HelpName = "PATTERN", DefaultValueFactory = _ => TenantDefaults.SchemaPattern };
    private readonly Option<string?> _tenantQuery = new("--tenant-query") { Description = "A query whose first column names the tenants' schemas; it replaces the pattern.", HelpName = "SQL" };
    private readonly Option<int> _parallel = new("--parallel") { Description = "How many tenants are migrated at a time. The default is 8.", HelpName = "N", DefaultValueFactory = _ => TenantDefaults.Parallelism };
    private readonly Option<bool> _outOfOrder = new("--allow-out-of-order") { Description = "Apply a migration although a newer one is applied already." };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_service, _root, _schema, _table, _tenants, _tenantQuery, _parallel, _outOfOrder])
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="SettingsInvalid">It cannot be told which service is meant.</exception>
    public MigrationOptions Of(ParseResult arguments)
    {
        var service = arguments.GetValue(_service) ?? OnlyService(arguments.GetRequiredValue(_root));
        return new MigrationOptions
        {
            Folder = Path.Combine(arguments.GetRequiredValue(_root), service),
            Service = service,
            TrackingSchema = arguments.GetRequiredValue(_schema),
            TrackingTable = arguments.GetRequiredValue(_table),
            AllowOutOfOrder = arguments.GetValue(_outOfOrder),
            Tenants = new TenantOptions
            {
                SchemaPattern = arguments.GetRequiredValue(_tenants),
                SchemaQuery = arguments.GetValue(_tenantQuery),
                Parallelism = Math.Max(1, arguments.GetValue(_parallel)),
            },
        };
    }

    /// <returns>The connection string of the service's database; <c>null</c> when none is configured.</returns>
    public string? FindDatabase(Invocation call, string service) => call.Database is { } listed
        ? OfListed(call, listed, service)
        : ConnectionOption.Read(DatabaseChoice.Names.Name, DatabaseChoice.ConnectionIn(call.Arguments))
            ?? FindSetting(call, $"ConnectionStrings:{service}") ?? FindSetting(call, SettingsReader.ReadModels) ?? FindSetting(call, SettingsReader.DatabaseUrl);

    /// <exception cref="SettingsInvalid">No database is configured.</exception>
    public string DatabaseOf(Invocation call, string service) => FindDatabase(call, service)
        ?? throw new SettingsInvalid([call.HasDatabaseList
            ? $"The settings name several databases. Say in which the migrations of '{service}' are to run: by {DatabaseChoice.Names.Name} or {DatabaseChoice.All.Name}."
            : $"The database of '{service}' is missing. Name it by the environment variable ConnectionStrings__{service} or DATABASE_URL, or by the option {DatabaseChoice.Names.Name}."]);

    // Where a service keeps its tables elsewhere than beside the read models, a template says where, for all databases of the list.
    private static string? OfListed(Invocation call, DatabaseAddress listed, string service)
    {
        var setting = $"ConnectionStrings:{service}";
        var template = call.Configuration[setting];
        if (string.IsNullOrWhiteSpace(template))
        {
            return ConnectionOption.Read($"{DatabaseList.Databases}:{listed.Name}", listed.ReadModels);
        }

        return template.Contains(DatabaseAddress.Placeholder, StringComparison.Ordinal) ? ConnectionOption.Read(setting, listed.Fill(template))
            : template == EventsPlace ? ConnectionOption.Read($"{DatabaseList.Databases}:{listed.Name}", listed.Events ?? listed.ReadModels)
            : throw new SettingsInvalid([$"'{setting}' is the same for all databases, and the migrations of '{service}' are to run in '{listed.Name}'. Put {DatabaseAddress.Placeholder} into it where the database's name goes, say {EventsPlace} for where its events are, or leave it out for where its read models are."]);
    }

    private static string? FindSetting(Invocation call, string name) => ConnectionOption.Read(name, call.Configuration[name]);

    private string OnlyService(string root)
    {
        var services = Directory.Exists(root) ? Directory.GetDirectories(root).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList() : [];
        return services is [{ } only]
            ? only
            : throw new SettingsInvalid([$"The service is missing: in '{root}' there {(services.Count == 0 ? "is none" : $"are {string.Join(", ", services)}")}. Name it by the option {_service.Name}."]);
    }
}
