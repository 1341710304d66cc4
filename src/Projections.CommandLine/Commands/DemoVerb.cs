using Projections.Commands;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Projections.EventStoreDb.Connection;
using Projections.EventStoreDb.Errors;
using Projections.Hosting.Configuration;
using Projections.CommandLine.Demo;
using Projections.Definitions;
using Projections.Workers;

namespace Projections.CommandLine.Commands;

/// <summary><c>demo</c>: the whole story on a private server.</summary>
internal sealed class DemoVerb : Verb
{
    private readonly Option<int?> _events = new Option<int?>("--events") { Description = "How many events of history. The default is 200,000.", HelpName = "N" }.AtLeast(1000);

    private readonly Option<DemoSource> _source = new("--source") { Description = "Where the events are: marten, in the private server, or eventstoredb, a server that runs already.", HelpName = "STORE" };

    private readonly Option<string?> _connection = new("--connection")
    {
        Description = "Connection string of the EventStoreDB, such as esdb://localhost:2113?tls=false; the environment variable ConnectionStrings__Events keeps a password from others on this machine.",
        HelpName = "CONNECTION",
    };

    private readonly Option<bool> _stay = new("--stay") { Description = "Starts the server with the events and an application that appends, says how to connect, and leaves everything else to you, until Ctrl-C." };

    public DemoVerb()
        : base(
            "demo",
            "Shows a rebuild, a switch and a rollback under load, on a private PostgreSQL server that is removed in the end.",
            "projections demo",
            "projections demo --events 1000000",
            "projections demo --stay",
            "projections demo --source eventstoredb --connection esdb://localhost:2113?tls=false")
    {
        Options.Add(_events);
        Options.Add(_source);
        Options.Add(_connection);
        Options.Add(_stay);
    }

    internal override bool IsAboutADatabase => false;

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var eventStoreDb = EventStoreDb(call);
        var demo = FindDemo(call);
        var table = DemoTable.Of(demo, ProjectionRegistry.FromAssemblies(call.ReadModels));
        call.Screen.Say("Starting a private PostgreSQL server on 127.0.0.1.");
        await using var store = await DemoStore.StartAsync(demo, eventStoreDb, stop);
        await FillAsync(call, store, stop);
        if (call.Arguments.GetValue(_stay))
        {
            return await StayAsync(call, store, stop);
        }

        var settings = new HostSettings(store.ConnectionString, store.Events.ConnectionString, store.Events.Settings, EngineOf(call));
        await using var opened = new ConfiguredSystem(ProjectionRegistry.Of(table.First, table.Second), settings, call.OpenLoggers(LogLevel.Warning));
        await opened.OpenAsync(stop);
        DemoFigures figures;
        await using (var worker = Worker.Start(opened.System))
        {
            figures = await new DemoStory(call.Screen, opened.System, worker.Completion, store, table).RunAsync(stop);
        }

        call.Screen.Say("");
        call.Screen.Answer(figures, figures.ToListing());
        return figures.IsClean ? ExitCode.Done : throw new DemoFailed(figures);
    }

    private static async Task<int> StayAsync(Invocation call, DemoStore store, CancellationToken stop)
    {
        await using var writer = await DemoWriter.StartAsync(store, stop);
        call.Screen.Say("");
        call.Screen.Say("An application appends to it from now on. In another terminal:");
        call.Screen.Say($"  export ConnectionStrings__ReadModels='{store.ConnectionString}'");
        if (store.Events.Settings.Kind == EventStoreKind.EventStoreDb)
        {
            call.Screen.Say("  export ConnectionStrings__Events='...' Events__Kind=eventstoredb Events__StreamsAreUuids=true");
        }

        call.Screen.Say($"Then 'rebuild {store.Demo.Projection}', 'switch {store.Demo.Projection}', 'status', 'run' and whatever else you like. Ctrl-C ends it, and removes everything.");
        await Task.WhenAny(writer.Writing, Task.Delay(Timeout.InfiniteTimeSpan, stop));
        if (writer.Writing.IsFaulted)
        {
            await writer.Writing;
        }

        return ExitCode.Done;
    }

    /// <exception cref="OperationRefused">There is none, or more than one.</exception>
    private static IDemo FindDemo(Invocation call)
    {
        var demos = call.ReadModels.SelectMany(assembly => assembly.GetTypes()).Where(type => typeof(IDemo).IsAssignableFrom(type) && type is { IsAbstract: false, IsClass: true }).ToList();
        return demos switch
        {
            [var only] when Activator.CreateInstance(only) is IDemo demo => demo,
            [] => throw new OperationRefused($"There is nothing to show: no class of {string.Join(", ", call.ReadModels.Select(assembly => assembly.GetName().Name))} is an {nameof(IDemo)}.", isMistake: true),
            _ => throw new OperationRefused($"There is more than one demo: {string.Join(", ", demos.Select(type => type.FullName))}. Leave one.", isMistake: true),
        };
    }

    /// <summary>The demo shares its machine with server, readers and writer: a candidate that is short of processor time is no
    /// candidate that takes too much.</summary>
    private static ProjectionsOptions EngineOf(Invocation call)
    {
        var engine = new ProjectionsOptions { CandidateShare = TimeSpan.FromSeconds(5) };
        engine.MemoryLimitMegabytes = call.Arguments.GetValue(CommonOptions.Memory) ?? engine.MemoryLimitMegabytes;
        return engine;
    }

    /// <summary>The connection string of the EventStoreDB that is to hold the events, or <c>null</c>.</summary>
    /// <exception cref="SettingsInvalid">It is missing or malformed.</exception>
    private string? EventStoreDb(Invocation call)
    {
        if (call.Arguments.GetValue(_source) != DemoSource.EventStoreDb)
        {
            return null;
        }

        var connection = call.Arguments.GetValue(_connection) ?? call.Configuration[SettingsReader.Events] ?? "";
        try
        {
            ConnectionString.Parse(connection);
            return connection;
        }
        catch (ConnectionStringInvalid invalid)
        {
            throw new SettingsInvalid([$"{invalid.Message} Give it by the option --connection, or by the environment variable ConnectionStrings__Events."]);
        }
    }

    private async Task FillAsync(Invocation call, DemoStore store, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        var count = await store.FillAsync(call.Arguments.GetValue(_events) ?? 200_000, stop);
        call.Screen.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"PostgreSQL {store.MajorVersion} runs, and an event store {(store.Events.Settings.Kind == EventStoreKind.EventStoreDb ? $"({ServerAddress.Of(store.Events.ConnectionString)})" : "in it")} holds {count:N0} events of {store.Streams.Count:N0} streams (filled in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s)."));
    }
}
