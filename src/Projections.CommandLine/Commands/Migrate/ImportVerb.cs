using System.CommandLine;
using Projections.Migrations.Importing;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary><c>migrate import</c>: writes another tool's migrations as pairs.</summary>
internal sealed class ImportVerb : MigrationVerb
{
    private readonly Argument<string> _from = new("FOLDER") { Description = "The folder with the other tool's files." };
    private readonly Option<string> _layout = new Option<string>("--layout") { Description = $"Whose files they are: {string.Join(", ", MigrationImport.Layouts)}.", HelpName = "TOOL", Required = true }
        .AcceptOnlyFromAmong([.. MigrationImport.Layouts]);

    public ImportVerb()
        : base(
            "import",
            "Writes another tool's migrations as pairs of files with the same numbers, and marks what has no way back. What a database has already is taken over by 'migrate baseline --from-table'.",
            "projections migrate import db/migrations --layout goose --service billing")
    {
        Arguments.Add(_from);
        Options.Add(_layout);
    }

    internal override bool IsAboutADatabase => false;

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var options = Migrations.Of(call.Arguments);
        var report = await new MigrationImport(call.Arguments.GetRequiredValue(_from), options.Folder).RunAsync(call.Arguments.GetRequiredValue(_layout), stop);
        call.Screen.Answer(report, string.Join(Environment.NewLine, Lines(report, options.Folder)));
        return ExitCode.Done;
    }

    private static IEnumerable<string> Lines(ImportReport report, string folder) =>
    [
        $"{report.Files.Count(file => !file.EndsWith(".down.sql", StringComparison.Ordinal))} migrations were written to {folder}.",
        .. report.Irreversible.Select(id => $"{id} has no way back; write it, or leave its down file as it is."),
        .. report.Notes.Select(note => $"note: {note}"),
    ];
}
