using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Projections.Host.Configuration;
using Projections.Host.Demo;
using Projections.Workers;

namespace Projections.Host.Commands;

/// <summary><c>demo</c>: the whole story on a private server.</summary>
internal sealed class DemoVerb : Verb
{
    private readonly Option<int?> _events = new Option<int?>("--events") { Description = "How many events of history. The default is 200,000.", HelpName = "N" }.AtLeast(1000);

    public DemoVerb()
        : base(
            "demo",
            "Shows a rebuild, a switch and a rollback under load, on a private PostgreSQL server that is removed in the end.",
            "projections demo",
            "projections demo --events 1000000") =>
        Options.Add(_events);

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        call.Screen.Say("Starting a private PostgreSQL server on 127.0.0.1.");
        await using var store = await DemoStore.StartAsync(stop);
        await FillAsync(call, store, stop);

        var settings = new HostSettings(store.ConnectionString, store.ConnectionString, new EventStoreOptions(), EngineOf(call));
        await using var opened = await OpenSystem.OpenAsync(settings, call.OpenLoggers(LogLevel.Warning), stop);
        DemoFigures figures;
        await using (var worker = Worker.Start(opened.System))
        {
            figures = await new DemoStory(call.Screen, opened.System, worker.Completion, store).RunAsync(stop);
        }

        call.Screen.Say("");
        call.Screen.Answer(figures, figures.ToListing());
        return figures.IsClean ? ExitCode.Done : throw new DemoFailed(figures);
    }

    /// <summary>The demo shares its machine with server, readers and writer: a candidate that is short of processor time is no
    /// candidate that takes too much.</summary>
    private static ProjectionsOptions EngineOf(Invocation call)
    {
        var engine = new ProjectionsOptions { CandidateShare = TimeSpan.FromSeconds(5) };
        engine.MemoryLimitMegabytes = call.Arguments.GetValue(CommonOptions.Memory) ?? engine.MemoryLimitMegabytes;
        return engine;
    }

    private async Task FillAsync(Invocation call, DemoStore store, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        var count = await store.FillAsync(call.Arguments.GetValue(_events) ?? 200_000, stop);
        call.Screen.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"PostgreSQL {store.MajorVersion} runs, and an event store in it holds {count:N0} events of {store.Invoices.Count:N0} invoices (filled in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s)."));
    }
}
