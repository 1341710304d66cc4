using Projections.Migrations.Files;
using Projections.Migrations.Running;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary><c>migrate validate</c>: whether the files can be used, and fit what the database has of them.</summary>
internal sealed class ValidateVerb() : MigrationVerb(
    "validate",
    "Says whether the files can be used and, where a database is named, whether they are what it has applied. Tries nothing, changes nothing and needs no copy.",
    "projections migrate validate --service billing",
    "projections migrate validate --service billing --json")
{
    internal override bool Folds => true;

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var options = Migrations.Of(call.Arguments);
        var migrations = await MigrationFolder.ReadAsync(options.Folder, stop);
        var pending = Migrations.FindDatabase(call, options.Service) is null ? null : await FindPendingAsync(call, stop);
        call.Screen.Answer(
            new { Migrations = migrations.Select(migration => migration.Id), Pending = pending?.Select(migration => migration.Id) },
            $"{migrations.Count} migrations can be used{(pending is null ? "; no database was looked at" : $", and fit the database; {pending.Count} of them {(pending.Count == 1 ? "is" : "are")} pending")}.");
        return ExitCode.Done;
    }

    // What does not fit is refused just as before a run.
    private async Task<IReadOnlyList<Migration>> FindPendingAsync(Invocation call, CancellationToken stop)
    {
        var (options, database, _) = Open(call);
        await using var __ = database;
        return (await RunnerFor(call, database, options).UpAsync(new UpRequest { DryRun = true }, stop)).Planned;
    }
}
