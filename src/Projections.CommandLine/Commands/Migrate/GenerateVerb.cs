using System.CommandLine;
using Projections.Definitions;
using Projections.Hosting.Configuration;
using Projections.Tables;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary><c>migrate generate</c>: writes a version's SQL files from its row type.</summary>
internal sealed class GenerateVerb : Verb
{
    private readonly Argument<ProjectionName> _projection = ProjectionArgument.Required();
    private readonly Argument<int> _version = new("VERSION") { Description = "The version's number." };
    private readonly Option<string> _folder = new("--folder") { Description = "Where the files go. The default is the working folder.", HelpName = "FOLDER", DefaultValueFactory = _ => "." };
    private readonly Option<bool> _force = new("--force") { Description = "Write over files that are there." };

    public GenerateVerb()
        : base(
            "generate",
            "Writes table.sql and down.sql of a projection's version from its row type, so that schema and handler start out agreeing.",
            "projections migrate generate invoice_summary 2 --folder projections/InvoiceSummary/V2")
    {
        Arguments.Add(_projection);
        Arguments.Add(_version);
        Options.Add(_folder);
        Options.Add(_force);
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var id = new VersionId(call.Arguments.GetRequiredValue(_projection), call.Arguments.GetValue(_version));
        var columns = ProjectionRegistry.FromAssemblies(call.ReadModels).Find(id)?.Columns
            ?? throw new SettingsInvalid([$"There is no row type of {id} in this program. Write the class of the version first; a projection that is plain SQL has none."]);
        var folder = call.Arguments.GetRequiredValue(_folder);
        (string Path, string Text)[] files =
        [
            (Path.Combine(folder, "table.sql"), TableSql.Create(id.Table, columns)),
            (Path.Combine(folder, "down.sql"), TableSql.Drop(id.Table)),
        ];
        if (!call.Arguments.GetValue(_force) && files.FirstOrDefault(file => File.Exists(file.Path)) is { Path: { } there })
        {
            throw new SettingsInvalid([$"'{there}' is there already. Write over it with {_force.Name}, or name another folder."]);
        }

        Directory.CreateDirectory(folder);
        foreach (var (path, text) in files)
        {
            await File.WriteAllTextAsync(path, text, stop);
        }

        call.Screen.Answer(new { Files = files.Select(file => file.Path) }, string.Join(Environment.NewLine, files.Select(file => file.Path)));
        return ExitCode.Done;
    }
}
