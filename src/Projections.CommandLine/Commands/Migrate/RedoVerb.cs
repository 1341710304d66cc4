namespace Projections.CommandLine.Commands.Migrate;

/// <summary><c>migrate redo</c>: takes the newest migration back and applies it again.</summary>
internal sealed class RedoVerb() : MigrationVerb(
    "redo",
    "Takes the newest migration back and applies it again, while you write it.",
    "projections migrate redo --service billing")
{
    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var (options, database, _) = Open(call);
        await using var __ = database;
        return MigrationAnswer.Give(call, await RunAsync(() => RunnerFor(call, database, options).RedoAsync(stop), stop));
    }
}
