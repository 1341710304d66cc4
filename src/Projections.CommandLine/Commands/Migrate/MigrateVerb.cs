namespace Projections.CommandLine.Commands.Migrate;

/// <summary><c>migrate</c>: the migrations of ordinary tables.</summary>
internal sealed class MigrateVerb : Verb
{
    public MigrateVerb()
        : base(
            "migrate",
            "Changes the tables of ordinary services by reversible migrations, which PostgreSQL itself checks for zero downtime.",
            "projections migrate status --service billing",
            "projections migrate check --service billing",
            "projections migrate up --service billing")
    {
        Subcommands.Add(new UpVerb());
        Subcommands.Add(new DownVerb());
        Subcommands.Add(new RedoVerb());
        Subcommands.Add(new MigrateStatusVerb());
        Subcommands.Add(new ValidateVerb());
        Subcommands.Add(new CheckVerb());
        Subcommands.Add(new VerifyVerb());
        Subcommands.Add(new CreateVerb());
        Subcommands.Add(new ImportVerb());
        Subcommands.Add(new BaselineVerb());
        Subcommands.Add(new MigrateRepairVerb());
        Subcommands.Add(new GenerateVerb());
    }

    protected override Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        Console.Error.WriteLine($"Say what is to be done: {string.Join(", ", Subcommands.Select(verb => verb.Name))}. See 'projections migrate --help'.");
        return Task.FromResult(ExitCode.WrongUsage);
    }
}
