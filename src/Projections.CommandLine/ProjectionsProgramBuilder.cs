using System.CommandLine;
using System.CommandLine.Help;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Projections.CommandLine.Commands;
using Projections.Hosting;
using Projections.Operations;

namespace Projections.CommandLine;

/// <summary>What a program is made of: its read models, and what it has of its own in place of what ours brings.</summary>
public sealed class ProjectionsProgramBuilder
{
    private readonly List<Assembly> _assemblies = [];
    private Action<ILoggingBuilder, IConfiguration> _logging = (_, _) => { };
    private Action<IServiceCollection, IConfiguration> _services = (_, _) => { };

    internal ProjectionsProgramBuilder()
    {
    }

    internal IReadOnlyList<Assembly> Assemblies => _assemblies;

    internal OpenEventSource? EventSource { get; private set; }

    /// <summary>Adds every version that an assembly declares, and the demo (<see cref="IDemo"/>), where it has one.</summary>
    public ProjectionsProgramBuilder AddVersionsFrom(Assembly assembly)
    {
        _assemblies.Add(assembly);
        return this;
    }

    /// <summary>Reads events from a source of the program's own in place of that of the section <c>Events</c>.</summary>
    /// <param name="open">Opens it when a command needs it. What it gives is closed by us.</param>
    public ProjectionsProgramBuilder ReadEventsFrom(OpenEventSource open)
    {
        EventSource = open;
        return this;
    }

    /// <summary>Adds to the log, or changes it: it goes to the error output unless it is told otherwise.</summary>
    public ProjectionsProgramBuilder ConfigureLogging(Action<ILoggingBuilder, IConfiguration> configure)
    {
        _logging += configure;
        return this;
    }

    /// <summary>Adds services to those of <c>run</c>: they start and stop with the worker, and may ask for the <see cref="ProjectionSystem"/>.</summary>
    public ProjectionsProgramBuilder ConfigureServices(Action<IServiceCollection, IConfiguration> configure)
    {
        _services += configure;
        return this;
    }

    /// <summary>Carries a line of arguments out.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(string[] args)
    {
        var parsed = ToCommand().Parse(args);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            await Console.Error.WriteLineAsync($"See '{HelpWithExamples.PathOf(parsed.CommandResult)} --help'.");
            return ExitCode.WrongUsage;
        }

        // Errors and signals are our own affair: see Verb.
        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    internal void AddTo(ILoggingBuilder logging, IConfiguration configuration) => _logging(logging, configuration);

    internal void AddTo(IServiceCollection services, IConfiguration configuration) => _services(services, configuration);

    internal Command ToCommand()
    {
        var root = new ProgramCommand(this)
        {
            new ListVerb(),
            new StatusVerb(),
            new PlanVerb(),
            new ScaffoldVerb(),
            new RebuildVerb(),
            new StepVerb<PauseCommand>(["projections pause invoice_summary --why \"month end\""]),
            new ResumeVerb(),
            new ShowEventVerb(),
            new StepVerb<AbortCommand>(["projections abort invoice_summary --version 2"]),
            new ThrottleVerb(),
            new SwitchingVerb<SwitchCommand>(
                [
                    "projections switch invoice_summary --to 2",
                    "projections switch invoice_summary --to 2 --keep-contract",
                    "projections switch invoice_summary --to 2 --with customer_total=3",
                    "projections switch invoice_summary --to 2 --lock-timeout 100ms --patience 5m",
                ]),
            new SwitchingVerb<RollbackCommand>(["projections rollback invoice_summary --why \"report X reads a column that is gone\""]),
            new Commands.Release.ReleaseVerb(),
            new StepVerb<RetireCommand>(["projections retire invoice_summary --version 1"]),
            new StepVerb<AdoptCommand>(["projections adopt invoice_summary", "projections adopt invoice_summary --at 561400"]),
            new StepVerb<WidenContractCommand>(["projections contract invoice_summary"]),
            new StepVerb<AcceptCommand>(["projections accept invoice_summary --version 1 --why \"only a comment changed\""]),
            new DeadLettersVerb(),
            new ReactionsVerb(),
            new FeedVerb(),
            new HistoryVerb(),
            new VerifyVerb(),
            new ShowRowsVerb(),
            new ExplainVerb(),
            new RepairVerb(),
            new OrdersVerb(),
            new CheckVerb(),
            new FleetVerb(),
            new RunVerb(),
            new Commands.Migrate.MigrateVerb(),
            new DemoVerb(),
            new ApiKeyVerb(),
        };
        foreach (var option in CommonOptions.All)
        {
            root.Options.Add(option);
        }

        var help = new HelpOption { Recursive = true };
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        root.Options.Add(help);
        root.Options.Add(new VersionOption());
        return root;
    }
}
