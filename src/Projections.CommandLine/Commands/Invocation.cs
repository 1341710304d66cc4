using System.Collections.Concurrent;
using System.CommandLine;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Projections.CommandLine.Configuration;
using Npgsql;
using Projections.CommandLine.Commands.Databases;
using Projections.Commands;
using Projections.Definitions;
using Projections.Hosting.Configuration;
using Projections.Hosting.Databases;
using Projections.CommandLine.Service;
using Projections.CommandLine.Terminal;
using Projections.Serving;
using Projections.Postgres;
using Projections.Web;

namespace Projections.CommandLine.Commands;

/// <summary>One call of the program: its arguments, its settings, and what people see of it.</summary>
internal sealed class Invocation : IAsyncDisposable
{
    private readonly Lazy<IConfigurationRoot> _configuration;
    private readonly bool _isPart;
    private readonly ConcurrentDictionary<string, bool> _warned = new(StringComparer.Ordinal);
    private IReadOnlyList<Assembly>? _readModels;
    private DatabaseAddress? _database;
    private ConfiguredSystem? _system;
    private ILoggerFactory? _loggers;

    public Invocation(ParseResult arguments)
    {
        Arguments = arguments;
        Screen = new Screen(arguments.GetValue(CommonOptions.Json));
        _configuration = new Lazy<IConfigurationRoot>(() => ConfigurationSources.Read(FromCommandLine()));
    }

    /// <summary>The part of a call that is about one of several databases.</summary>
    private Invocation(Invocation whole, DatabaseAddress database, Screen screen)
    {
        Arguments = whole.Arguments;
        Screen = screen;
        _configuration = whole._configuration;
        _readModels = whole.ReadModels;
        _loggers = whole._loggers;
        _warned = whole._warned;
        _database = database;
        _isPart = true;
    }

    public ParseResult Arguments { get; }

    /// <summary>The one of several databases that the call is about; <c>null</c> where the settings name one pair, or none was chosen yet.</summary>
    public DatabaseAddress? Database => _database;

    /// <summary>What somebody should look at, though the command is carried out.</summary>
    public List<string> NeedsALook { get; } = [];

    public Screen Screen { get; }

    public bool IsVerbose => Arguments.GetValue(CommonOptions.Verbose);

    /// <summary>What the program is made of.</summary>
    public ProjectionsProgramBuilder Program => ((ProgramCommand)Arguments.RootCommandResult.Command).Program;

    /// <summary>Where the read models are declared.</summary>
    /// <exception cref="SettingsInvalid">An assembly that is named cannot be loaded.</exception>
    public IReadOnlyList<Assembly> ReadModels => _readModels ??= [.. Program.Assemblies, .. AssembliesNamed().Select(ReadModelAssembly.Load)];

    /// <summary>The settings, if they have been read by now.</summary>
    public HostSettings? SettingsIfRead { get; private set; }

    public IConfiguration Configuration => _configuration.Value;

    /// <summary>Connects to what the settings name. Closed with the call.</summary>
    /// <exception cref="SettingsInvalid">The configuration is not as it should be.</exception>
    public Task<ProjectionSystem> OpenAsync(CancellationToken cancellationToken, LogLevel logLevel = LogLevel.Warning) =>
        OpenAsync(mayBeAway: false, logLevel, cancellationToken);

    /// <summary>Connects for a look at the catalog, which an event store that is away does not keep anybody from.</summary>
    /// <exception cref="SettingsInvalid">The configuration is not as it should be.</exception>
    public Task<ProjectionSystem> OpenForALookAsync(CancellationToken cancellationToken) =>
        OpenAsync(mayBeAway: true, LogLevel.Warning, cancellationToken);

    /// <summary>Makes the system for a worker, which is to be opened yet. Closed with the call.</summary>
    /// <exception cref="SettingsInvalid">The configuration is not as it should be.</exception>
    public ConfiguredSystem PrepareForWork() => Prepare(SettingsReader.Read(Configuration, Program.EventSource), LogLevel.Information);

    /// <summary>Whether the settings name a list of databases, in place of one pair.</summary>
    public bool HasDatabaseList => DatabaseList.IsIn(Configuration);

    /// <summary>The databases that are meant, by name; one alone is what <see cref="OpenAsync(CancellationToken, LogLevel)"/> opens.</summary>
    /// <exception cref="OperationRefused">None is, or nobody said which, or there is no list of them.</exception>
    public async Task<IReadOnlyList<DatabaseAddress>> ReadChosenAsync(CancellationToken cancellationToken)
    {
        if (!HasDatabaseList)
        {
            throw new OperationRefused($"The settings name no databases: '{DatabaseList.Databases}' and '{DatabaseList.Section}' are empty. Leave the database out.", isMistake: true);
        }

        var chosen = DatabaseChoice.Of(Arguments, await ReadListAsync(cancellationToken));
        _database = chosen is [var only] ? only : null;
        return chosen;
    }

    /// <summary>The part of this call that is about one of several databases.</summary>
    public Invocation For(DatabaseAddress database, Screen screen) => new(this, database, screen);

    /// <summary>What is needed to serve the databases of the list. Closed by who serves them.</summary>
    /// <exception cref="SettingsInvalid">The configuration is not as it should be.</exception>
    public (DatabaseList List, DatabaseParts Parts) PrepareForDatabases()
    {
        var list = DatabaseList.Read(Configuration);
        var parts = new DatabaseParts(
            ProjectionRegistry.FromAssemblies(ReadModels),
            address => DatabaseSettings.Read(Configuration, address, Program.EventSource),
            new ServedDatabases(),
            new ProcessResources(SettingsReader.ReadEngine(Configuration)),
            new ConnectionBudget(list.Options.ConnectionsEach, list.Options.Connections),
            OpenLoggers(LogLevel.Information),
            TimeProvider.System);
        return (list, parts);
    }

    /// <summary>The log, from a level upwards; closed with the call.</summary>
    public ILoggerFactory OpenLoggers(LogLevel least) => _loggers ??= LoggerFactory.Create(logging =>
    {
        LoggingToErrors.Add(logging, Configuration, IsVerbose ? LogLevel.Debug : least);
        Program.AddTo(logging, Configuration);
    });

    /// <summary>Warns of what is so for all databases of the call, once.</summary>
    public void WarnOnce(IEnumerable<string> messages)
    {
        foreach (var message in messages.Where(message => _warned.TryAdd(message, true)))
        {
            Screen.Warn(message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }

        if (_isPart)
        {
            return;
        }

        _loggers?.Dispose();
        (_configuration.IsValueCreated ? _configuration.Value as IDisposable : null)?.Dispose();
    }

    private async Task<ProjectionSystem> OpenAsync(bool mayBeAway, LogLevel logLevel, CancellationToken cancellationToken)
    {
        if (HasDatabaseList && _database is null)
        {
            await ReadChosenAsync(cancellationToken);
        }

        var settings = _database is { } database ? DatabaseSettings.Read(Configuration, database, Program.EventSource) : SettingsReader.Read(Configuration, Program.EventSource);
        var system = Prepare(settings with { EventsMayBeAway = mayBeAway }, logLevel);
        await system.OpenAsync(cancellationToken);
        return system.System;
    }

    private async Task<IReadOnlyList<DatabaseAddress>> ReadListAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await DatabaseList.Read(Configuration).ReadAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is NpgsqlException or FormatException || PassingFault.Is(exception))
        {
            throw new OperationRefused($"The list of databases cannot be read: {exception.Cause}");
        }
    }

    private ConfiguredSystem Prepare(HostSettings settings, LogLevel logLevel)
    {
        SettingsIfRead = settings;
        return _system = new ConfiguredSystem(ProjectionRegistry.FromAssemblies(ReadModels), settings, OpenLoggers(logLevel));
    }

    private string[] AssembliesNamed() => Arguments.GetValue(CommonOptions.Assembly) is { Length: > 0 } named
        ? named
        : (Configuration[SettingsReader.Assemblies] ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private Dictionary<string, string?> FromCommandLine() => new()
    {
        [SettingsReader.ReadModels] = Arguments.GetValue(CommonOptions.ReadModels),
        [SettingsReader.Events] = Arguments.GetValue(CommonOptions.Events),
        [$"{SettingsReader.Engine}:{nameof(ProjectionsOptions.Schema)}"] = Arguments.GetValue(CommonOptions.Schema),
        [$"{SettingsReader.Engine}:{nameof(ProjectionsOptions.MemoryLimitMegabytes)}"] =
            Arguments.GetValue(CommonOptions.Memory)?.ToString(CultureInfo.InvariantCulture),
        [$"{WebSettings.Section}:{nameof(WebOptions.Listen)}"] = Arguments.GetResult(CommonOptions.Listen) is { } given ? given.GetValueOrDefault<string?>() : null,
    };
}
