using System.CommandLine;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Projections.CommandLine.Configuration;
using Projections.Definitions;
using Projections.Hosting.Configuration;
using Projections.Hosting.Databases;
using Projections.CommandLine.Service;
using Projections.CommandLine.Terminal;
using Projections.Serving;
using Projections.Web;

namespace Projections.CommandLine.Commands;

/// <summary>One call of the program: its arguments, its settings, and what people see of it.</summary>
internal sealed class Invocation : IAsyncDisposable
{
    private readonly Lazy<IConfigurationRoot> _configuration;
    private IReadOnlyList<Assembly>? _readModels;
    private ConfiguredSystem? _system;
    private ILoggerFactory? _loggers;

    public Invocation(ParseResult arguments)
    {
        Arguments = arguments;
        Screen = new Screen(arguments.GetValue(CommonOptions.Json));
        _configuration = new Lazy<IConfigurationRoot>(() => ConfigurationSources.Read(FromCommandLine()));
    }

    public ParseResult Arguments { get; }

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
        OpenAsync(SettingsReader.Read(Configuration, Program.EventSource), logLevel, cancellationToken);

    /// <summary>Connects for a look at the catalog, which an event store that is away does not keep anybody from.</summary>
    /// <exception cref="SettingsInvalid">The configuration is not as it should be.</exception>
    public Task<ProjectionSystem> OpenForALookAsync(CancellationToken cancellationToken) =>
        OpenAsync(SettingsReader.Read(Configuration, Program.EventSource) with { EventsMayBeAway = true }, LogLevel.Warning, cancellationToken);

    /// <summary>Makes the system for a worker, which is to be opened yet. Closed with the call.</summary>
    /// <exception cref="SettingsInvalid">The configuration is not as it should be.</exception>
    public ConfiguredSystem PrepareForWork() => Prepare(SettingsReader.Read(Configuration, Program.EventSource), LogLevel.Information);

    /// <summary>Whether the settings name a list of databases, in place of one pair.</summary>
    public bool HasDatabaseList => DatabaseList.IsIn(Configuration);

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
            new ConnectionBudget(list.Options.Connections),
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

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }

        _loggers?.Dispose();
        (_configuration.IsValueCreated ? _configuration.Value as IDisposable : null)?.Dispose();
    }

    private async Task<ProjectionSystem> OpenAsync(HostSettings settings, LogLevel logLevel, CancellationToken cancellationToken)
    {
        var system = Prepare(settings, logLevel);
        await system.OpenAsync(cancellationToken);
        return system.System;
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
