using System.CommandLine;
using System.CommandLine.Parsing;
using Projections.CommandLine.Commands.Databases;
using Projections.Migrations.Execution;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary>Options that several verbs of <c>migrate</c> share.</summary>
internal static class CommonMigrateOptions
{
    public static Option<bool> DryRun() => new("--dry-run") { Description = "Only say what would be run." };

    public static Option<string?> Dump() => new("--dump") { Description = "Write the schema as it is after the run to a file, by pg_dump, which must not be older than the server.", HelpName = "FILE" };

    /// <summary>Refuses one file for the schemas of several databases.</summary>
    public static Action<CommandResult> OneDump(Option<string?> dump) => result =>
    {
        if (result.GetResult(dump) is not null && DatabaseChoice.MayBeSeveral(result.GetValue(DatabaseChoice.All), result.GetValue(DatabaseChoice.Names) ?? []))
        {
            result.AddError($"{dump.Name} is for one database at a time.");
        }
    };

    public static Option<string> PgDump() => new("--pg-dump") { Description = "The path of pg_dump. The default is to look for it on the PATH.", HelpName = "PATH", DefaultValueFactory = _ => "pg_dump" };

    public static Option<OnInterrupted> Interrupted() => new("--interrupted")
    {
        Description = "What to do with a statement that was interrupted outside a transaction, when nothing shows whether it finished. The default is to refuse.",
        HelpName = "refuse|repeat|skip",
    };
}
