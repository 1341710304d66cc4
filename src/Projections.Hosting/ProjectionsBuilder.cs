using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Projections.Definitions;
using Projections.Events;
using Projections.Hosting.Configuration;
using Projections.Hosting.Databases;

namespace Projections.Hosting;

/// <summary>What a host's worker is made of: its read models, where they are, and where its events come from.</summary>
public sealed class ProjectionsBuilder
{
    private readonly List<Assembly> _assemblies = [];
    private readonly Dictionary<string, string?> _settings = [];
    private Func<IServiceProvider, OpenEventSource>? _source;
    private Func<IServiceProvider, EventTypes>? _types;

    internal ProjectionsBuilder(IServiceCollection services) => Services = services;

    /// <summary>The host's services, for what is added beside: the bus, the page, the scheduled checks.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds every version that an assembly declares.</summary>
    public ProjectionsBuilder AddVersionsFrom(Assembly assembly)
    {
        _assemblies.Add(assembly);
        return this;
    }

    /// <summary>Gives event types to versions that do not name theirs: <c>class OrdersV1(EventTypes types)</c>.</summary>
    /// <param name="types">Makes them when the host starts.</param>
    public ProjectionsBuilder UseEventTypes(Func<IServiceProvider, EventTypes> types)
    {
        _types = types;
        return this;
    }

    /// <summary>Says where the read models and the catalog are, in place of <c>ConnectionStrings:ReadModels</c>.</summary>
    public ProjectionsBuilder UseReadModels(string connectionString) => Set(SettingsReader.ReadModels, connectionString);

    /// <summary>Changes how the engine works, after what the section <c>Projections</c> says.</summary>
    public ProjectionsBuilder Configure(Action<ProjectionsOptions> configure)
    {
        Services.Configure(configure);
        return this;
    }

    /// <summary>Reads Marten's <c>mt_events</c>.</summary>
    /// <param name="connectionString">Where they are. The default is what <c>ConnectionStrings:Events</c> says, and else beside the read models.</param>
    /// <param name="schema">Their schema. The default is what <c>Events:Schema</c> says, and else <c>public</c>.</param>
    public ProjectionsBuilder AddMartenEvents(string? connectionString = null, string? schema = null) => AddTable(EventStoreKind.Marten, connectionString, schema);

    /// <summary>Reads Emmett's <c>emt_messages</c>. The parameters are those of <see cref="AddMartenEvents"/>.</summary>
    public ProjectionsBuilder AddEmmettEvents(string? connectionString = null, string? schema = null) => AddTable(EventStoreKind.Emmett, connectionString, schema);

    /// <summary>Reads message-db's <c>messages</c>. The parameters are those of <see cref="AddMartenEvents"/>, but that the schema is <c>message_store</c>.</summary>
    public ProjectionsBuilder AddMessageDbEvents(string? connectionString = null, string? schema = null) => AddTable(EventStoreKind.MessageDb, connectionString, schema);

    /// <summary>Reads an EventStoreDB or KurrentDB. What of it is read is said by the section <c>Events</c>.</summary>
    /// <param name="connectionString">Such as <c>esdb://localhost:2113?tls=false</c>. The default is what <c>ConnectionStrings:Events</c> says.</param>
    public ProjectionsBuilder AddEventStoreDbEvents(string? connectionString = null) => AddTable(EventStoreKind.EventStoreDb, connectionString, schema: null);

    /// <summary>Reads events from a source of the host's own.</summary>
    /// <param name="open">Opens it when the host starts. What it gives is closed by us.</param>
    public ProjectionsBuilder AddEvents(OpenEventSource open) => AddEvents(_ => open);

    /// <inheritdoc cref="AddEvents(OpenEventSource)"/>
    /// <param name="find">Finds among the host's services what opens it.</param>
    public ProjectionsBuilder AddEvents(Func<IServiceProvider, OpenEventSource> find)
    {
        _source = find;
        return this;
    }

    /// <summary>The versions of all assemblies that were added.</summary>
    internal ProjectionRegistry RegistryOf(IServiceProvider provider) => ProjectionRegistry.FromAssemblies(_assemblies, _types?.Invoke(provider));

    /// <exception cref="SettingsInvalid">Something is wrong; the message lists all of it.</exception>
    internal HostSettings SettingsOf(IServiceProvider provider) =>
        SettingsReader.Read(ConfigurationOf(provider), _source?.Invoke(provider)) with { Engine = provider.GetRequiredService<IOptions<ProjectionsOptions>>().Value };

    /// <summary>What the host's settings say, and the builder was told.</summary>
    internal IConfiguration ConfigurationOf(IServiceProvider provider) => new ConfigurationBuilder()
        .AddConfiguration(provider.GetRequiredService<IConfiguration>())
        .AddInMemoryCollection(_settings)
        .Build();

    /// <summary>The settings of one database of several.</summary>
    /// <exception cref="SettingsInvalid">Something is wrong; the message lists all of it.</exception>
    internal HostSettings SettingsOf(IServiceProvider provider, DatabaseAddress address) =>
        DatabaseSettings.Read(ConfigurationOf(provider), address, _source?.Invoke(provider)) with
        {
            // Each its own: what is paced for one is not for the others.
            Engine = provider.GetRequiredService<IOptionsFactory<ProjectionsOptions>>().Create(Options.DefaultName),
        };

    private ProjectionsBuilder AddTable(EventStoreKind kind, string? connectionString, string? schema) =>
        Set($"{SettingsReader.EventStore}:{nameof(EventStoreOptions.Kind)}", kind.ToString())
            .Set(SettingsReader.Events, connectionString)
            .Set($"{SettingsReader.EventStore}:{nameof(EventStoreOptions.Schema)}", schema);

    private ProjectionsBuilder Set(string setting, string? value)
    {
        if (value is not null)
        {
            _settings[setting] = value;
        }

        return this;
    }
}
