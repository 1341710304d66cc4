using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Projections.CommandLine.Commands;

namespace Projections.CommandLine;

/// <summary>The help that System.CommandLine writes, with a command's examples and the exit codes behind it.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    private static readonly string[] RootExamples =
    [
        "projections list",
        "projections rebuild invoice_summary --to 2",
        "projections switch invoice_summary --to 2",
        "projections rollback invoice_summary",
    ];

    /// <summary>A command's words as they are typed: <c>projections rebuild</c>.</summary>
    public static string PathOf(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{PathOf(parent)} {command.Command.Name}" : command.Command.Name;

    public override int Invoke(ParseResult parseResult)
    {
        help.Invoke(parseResult);
        var verb = parseResult.CommandResult.Command as Verb;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in verb?.Examples ?? RootExamples)
        {
            output.WriteLine($"  {example}");
        }

        if (verb is null)
        {
            output.WriteLine();
            output.WriteLine("Exit codes: 0 done, 2 wrong usage or configuration, 3 refused (nothing was changed), 4 failed, 130 stopped by Ctrl-C.");
            output.WriteLine("Settings come from appsettings.json in the working folder, the environment (ConnectionStrings__ReadModels,");
            output.WriteLine("ConnectionStrings__Events, Events__Kind, Projections__Schema, ...) and the options above; the later one wins.");
        }

        return ExitCode.Done;
    }
}
