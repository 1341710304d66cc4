using System.CommandLine;
using Projections.Migrations.Adoption;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary><c>migrate repair</c>: takes changed files of applied migrations for what was applied.</summary>
internal sealed class MigrateRepairVerb : MigrationVerb
{
    private readonly Argument<long?> _version = new("N") { Description = "The migration. The default is all whose file has changed.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string> _why = new("--why", "--reason") { Description = "The reason, kept in the tracking table.", HelpName = "TEXT", Required = true };

    public MigrateRepairVerb()
        : base(
            "repair",
            "Puts the checksums of applied migrations right whose files have changed since, when the change is none that matters (a comment, a name). Changes nothing else.",
            "projections migrate repair 12 --service billing --why \"a comment was corrected\"")
    {
        Arguments.Add(_version);
        Options.Add(_why);
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var (options, database, _) = Open(call);
        await using var __ = database;
        var repaired = await new ChecksumRepair(database, options).RunAsync(call.Arguments.GetValue(_version), call.Arguments.GetRequiredValue(_why), stop);
        call.Screen.Answer(
            new { Repaired = repaired.Select(migration => migration.Id) },
            repaired.Count == 0 ? "No file has changed." : $"Repaired: {string.Join(", ", repaired.Select(migration => migration.Id))}.");
        return ExitCode.Done;
    }
}
