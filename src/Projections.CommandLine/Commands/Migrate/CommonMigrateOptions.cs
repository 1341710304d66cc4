using System.CommandLine;
using Projections.Migrations.Execution;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary>Options that several verbs of <c>migrate</c> share.</summary>
internal static class CommonMigrateOptions
{
    public static Option<bool> DryRun() => new("--dry-run") { Description = "Only say what would be run." };

    public static Option<OnInterrupted> Interrupted() => new("--interrupted")
    {
        Description = "What to do with a statement that was interrupted outside a transaction, when nothing shows whether it finished. The default is to refuse.",
        HelpName = "refuse|repeat|skip",
    };
}
