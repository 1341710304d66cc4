using Projections.Commands;
using Projections.Definitions;
using Projections.Operations;

namespace Projections.CommandLine.Commands.Release;

/// <summary><c>release</c>: versions of several projections that go live in one transaction.</summary>
internal sealed class ReleaseVerb : Verb
{
    public ReleaseVerb()
        : base(
            "release",
            "Moves reads of several projections to the versions that a file names, all in one transaction or none, and back.",
            "projections release plan shop.yaml",
            "projections release apply shop.yaml --why \"the new basket\"",
            "projections release rollback shop.yaml")
    {
        Subcommands.Add(new ReleasePlanVerb());
        Subcommands.Add(new ReleaseStepVerb<SwitchCommand>(
            new VerbAttribute("apply", "Moves reads to the versions that the file names, once every gate of each is open: all in one transaction, or none."),
            ["projections release apply shop.yaml --why \"the new basket\"", "projections release apply shop.yaml --require-verified"],
            (command, versions) => command with { To = versions[0].Number, With = Others(versions) },
            nameof(SwitchCommand.To), nameof(SwitchCommand.With)));
        Subcommands.Add(new ReleaseStepVerb<RollbackCommand>(
            new VerbAttribute("rollback", "Moves reads back from the versions that the file names to those that were live before: all in one transaction, or none."),
            ["projections release rollback shop.yaml --why \"report X reads a column that is gone\""],
            (command, versions) => command with { From = versions[0].Number, With = Others(versions) },
            nameof(RollbackCommand.From), nameof(RollbackCommand.With)));
    }

    protected override Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        Console.Error.WriteLine($"Say what is to be done: {string.Join(", ", Subcommands.Select(verb => verb.Name))}. See 'projections release --help'.");
        return Task.FromResult(ExitCode.WrongUsage);
    }

    private static IReadOnlyList<string> Others(IReadOnlyList<VersionId> versions) => [.. versions.Skip(1).Select(version => version.InOneWord)];
}
