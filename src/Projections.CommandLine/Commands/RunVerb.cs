using Projections.CommandLine.Service;

namespace Projections.CommandLine.Commands;

/// <summary><c>run</c>: a worker, until it is stopped.</summary>
internal sealed class RunVerb : Verb
{
    public RunVerb()
        : base(
            "run",
            "Works until Ctrl-C or SIGTERM: follows events, and builds and switches what is asked for. Any number of workers share the work.",
            "projections run",
            "projections run --memory 1024",
            "projections run --listen 127.0.0.1:8080",
            "projections run --listen off") =>
        Options.Add(CommonOptions.Listen);

    internal override bool IsAboutADatabase => false;

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var web = WebSettings.Read(call.Configuration);
        if (call.HasDatabaseList)
        {
            var (list, parts) = call.PrepareForDatabases();
            await RunAsync(call, await WorkerProgram.StartAsync(list, parts, call.Configuration, web, call.Program, stop), "It serves the databases of its list", stop);
        }
        else
        {
            var system = call.PrepareForWork();
            var program = await WorkerProgram.StartAsync(system, call.Configuration, web, call.Program, stop);
            await RunAsync(call, program, $"Worker {system.System.Name} follows {system.System.Source.Identity}", stop);
        }

        call.Screen.Say("Stopped; what was folded is committed.");
        return ExitCode.Done;
    }

    private static async Task RunAsync(Invocation call, WorkerProgram started, string what, CancellationToken stop)
    {
        await using (var program = started)
        {
            call.Screen.Say($"{what}. Ctrl-C stops it.");
            if (program.Page is { } page)
            {
                call.Screen.Say($"Page and API: {page}");
            }

            var ended = await Task.WhenAny(program.Completion, Task.Delay(Timeout.InfiniteTimeSpan, stop));
            await program.StopAsync();
            if (ended.IsFaulted)
            {
                await ended;
            }
        }
    }
}
