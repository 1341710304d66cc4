using System.CommandLine;
using System.CommandLine.Help;
using System.Reflection;
using Projections.Host.Commands;

namespace Projections.Host;

/// <summary>The program's commands, and how a line of arguments is carried out.</summary>
internal static class CommandLine
{
    /// <param name="arguments">The line.</param>
    /// <param name="readModels">Where the read models are declared.</param>
    public static async Task<int> RunAsync(string[] arguments, params Assembly[] readModels)
    {
        var parsed = Root(readModels).Parse(arguments);
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

    internal static Command Root(params Assembly[] readModels)
    {
        var root = new ProgramCommand(readModels)
        {
            new ListVerb(),
            new StatusVerb(),
            new PlanVerb(),
            new RebuildVerb(),
            new PauseVerb(),
            new ResumeVerb(),
            new AbortVerb(),
            new ThrottleVerb(),
            new SwitchVerb(),
            new RollbackVerb(),
            new RetireVerb(),
            new AdoptVerb(),
            new ContractVerb(),
            new AcceptVerb(),
            new DeadLettersVerb(),
            new HistoryVerb(),
            new VerifyVerb(),
            new ExplainVerb(),
            new RepairVerb(),
            new OrdersVerb(),
            new CheckVerb(),
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
