using System.CommandLine;
using Projections.Definitions;
using Projections.Hosting.Configuration;
using Projections.Migrations.Generating;
using Projections.Tables;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary><c>migrate generate</c>: writes SQL files from what is wanted, be it a service's schema or a version's row type.</summary>
internal sealed class GenerateVerb : MigrationVerb
{
    private readonly Argument<string> _name = new("NAME") { Description = "What the migration does; or the projection." };
    private readonly Argument<int?> _version = new("VERSION") { Description = "The number of the projection's version, whose table.sql and down.sql are written.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _to = new("--to") { Description = "A file with the statements that make the wanted schema in an empty database.", HelpName = "FILE" };
    private readonly Option<string[]> _rename = new("--rename") { Description = "What has another name in the wanted schema, and is no other thing: orders.note=remark, orders=purchases. Can be given again.", HelpName = "OLD=NEW", DefaultValueFactory = _ => [] };
    private readonly Option<string[]> _fill = new("--fill") { Description = "What rows that are there get in a new column that must have a value, or in another type: orders.email='unknown'. Can be given again.", HelpName = "COLUMN=EXPRESSION", DefaultValueFactory = _ => [] };
    private readonly Option<string[]> _fillBack = new("--fill-back") { Description = "What rows get in a column's old type, as long as one can go back to it: orders.placed=\"placed AT TIME ZONE 'UTC'\". Can be given again.", HelpName = "COLUMN=EXPRESSION", DefaultValueFactory = _ => [] };
    private readonly Option<string?> _because = new("--because") { Description = "Why what would break running code is wanted all the same, such as dropping what is not in the file. It goes into the files.", HelpName = "REASON" };
    private readonly Option<string?> _server = CopyOptionSet.ServerOption();
    private readonly Option<string> _folder = new("--folder") { Description = "Where the files of a projection's version go. The default is the working folder.", HelpName = "FOLDER", DefaultValueFactory = _ => "." };
    private readonly Option<bool> _force = new("--force") { Description = "Write over files of a projection's version that are there." };

    public GenerateVerb()
        : base(
            "generate",
            "Writes the migrations that lead to a wanted schema, in forms that block nobody, and tries them up and down on throw-away databases; or table.sql and down.sql of a projection's version from its row type.",
            "projections migrate generate add_total --to schema.sql --service billing",
            "projections migrate generate better_names --to schema.sql --service billing --rename orders.note=remark --because \"no code reads it\"",
            "projections migrate generate invoice_summary 2 --folder projections/InvoiceSummary/V2")
    {
        Arguments.Add(_name);
        Arguments.Add(_version);
        foreach (Option option in (Option[])[_to, _rename, _fill, _fillBack, _because, _server, _folder, _force])
        {
            Options.Add(option);
        }

        Validators.Add(result =>
        {
            if (result.GetResult(_to) is null == result.GetResult(_version) is not { Tokens.Count: > 0 })
            {
                result.AddError("Give --to for a service's migrations, or the VERSION of a projection.");
            }
        });
    }

    internal override bool IsAboutADatabase => false;

    protected override Task<int> RunAsync(Invocation call, CancellationToken stop) => call.Arguments.GetValue(_to) is { } wanted
        ? GenerateMigrationsAsync(call, wanted, stop)
        : GenerateVersionAsync(call, stop);

    private async Task<int> GenerateMigrationsAsync(Invocation call, string wanted, CancellationToken stop)
    {
        var options = Migrations.Of(call.Arguments);
        var report = await new MigrationGenerator(options).RunAsync(
            new GenerateRequest
            {
                Name = call.Arguments.GetRequiredValue(_name),
                WantedFile = wanted,
                Renames = call.Arguments.GetRequiredValue(_rename),
                Fills = call.Arguments.GetRequiredValue(_fill),
                FillsBack = call.Arguments.GetRequiredValue(_fillBack),
                Because = call.Arguments.GetValue(_because),
                Server = ConnectionOption.Read(_server.Name, call.Arguments.GetValue(_server)) ?? Migrations.DatabaseOf(call, options.Service),
            },
            stop);
        call.Screen.Answer(
            new { report.Files, report.Notes, Rest = report.Rest.Select(difference => difference.ToString()) },
            string.Join(Environment.NewLine, Lines(report)));
        return ExitCode.Done;
    }

    private static IEnumerable<string> Lines(GenerateReport report) =>
    [
        .. report.Files.Count == 0 ? ["No migration was written."] : report.Files,
        .. report.Notes.Select(note => $"not written: {note}"),
        report.Rest.Count == 0 ? "The schema after it is the wanted one." : "The schema after it (+) is not yet the wanted one (-):",
        .. report.Rest.Select(difference => $"  {difference}"),
    ];

    private async Task<int> GenerateVersionAsync(Invocation call, CancellationToken stop)
    {
        var name = call.Arguments.GetRequiredValue(_name);
        if (!ProjectionName.IsValid(name))
        {
            throw new SettingsInvalid([$"'{name}' cannot be the name of a projection."]);
        }

        var id = new VersionId(new ProjectionName(name), call.Arguments.GetValue(_version)!.Value);
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
