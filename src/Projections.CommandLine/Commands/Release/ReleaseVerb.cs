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
        Subcommands.Add(new ReleaseApplyVerb());
        Subcommands.Add(new ReleaseRollbackVerb());
    }

    protected override Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        Console.Error.WriteLine($"Say what is to be done: {string.Join(", ", Subcommands.Select(verb => verb.Name))}. See 'projections release --help'.");
        return Task.FromResult(ExitCode.WrongUsage);
    }
}
