using System.CommandLine;
using Projections.Migrations.Files;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary><c>migrate create</c>: writes the files of a new migration.</summary>
internal sealed class CreateVerb : MigrationVerb
{
    private readonly Argument<string> _name = new("NAME") { Description = "What the migration does: add_total." };
    private readonly Option<bool> _backfill = new("--backfill") { Description = "Write a backfill, which moves data in batches, instead of a change of the schema." };

    public CreateVerb()
        : base(
            "create",
            "Writes the up file and the down file of a new migration, with the next number.",
            "projections migrate create add_total --service billing",
            "projections migrate create fill_total --service billing --backfill")
    {
        Arguments.Add(_name);
        Options.Add(_backfill);
    }

    internal override bool IsAboutADatabase => false;

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var options = Migrations.Of(call.Arguments);
        var files = await MigrationTemplate.CreateAsync(options.Folder, call.Arguments.GetRequiredValue(_name), call.Arguments.GetValue(_backfill), stop);
        call.Screen.Answer(new { Files = files }, string.Join(Environment.NewLine, files));
        return ExitCode.Done;
    }
}
