using System.CommandLine;
using Projections.CommandLine.Commands.Databases;
using Projections.Migrations.Copies;
using Projections.Migrations.Execution;
using Projections.Migrations.Running;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary><c>migrate down</c>: takes applied migrations back.</summary>
internal sealed class DownVerb : MigrationVerb
{
    private readonly Option<long?> _to = new("--to") { Description = "The newest migration that stays; 0 for none.", HelpName = "N" };
    private readonly Option<int?> _steps = new Option<int?>("--steps") { Description = "How many to take back. The default is 1.", HelpName = "K" }.AtLeast(1);
    private readonly Option<bool> _dryRun = CommonMigrateOptions.DryRun();
    private readonly Option<OnInterrupted> _interrupted = CommonMigrateOptions.Interrupted();
    private readonly Option<string?> _dump = CommonMigrateOptions.Dump();
    private readonly Waves _waves = new();
    private readonly Option<string> _pgDump = CommonMigrateOptions.PgDump();

    public DownVerb()
        : base(
            "down",
            "Takes applied migrations back, newest first; refuses where one says that there is no way back.",
            "projections migrate down --service billing",
            "projections migrate down --service billing --to 3")
    {
        Options.Add(_to);
        Options.Add(_steps);
        Options.Add(_dryRun);
        Options.Add(_interrupted);
        Options.Add(_dump);
        Options.Add(_waves.Sizes);
        Options.Add(_waves.HealthyFor);
        Options.Add(_pgDump);
        Validators.Add(CommonMigrateOptions.OneDump(_dump));
        Validators.Add(result =>
        {
            if (result.GetResult(_to) is not null && result.GetResult(_steps) is not null)
            {
                result.AddError("Give --to or --steps, not both.");
            }
        });
    }

    internal override Waves? Waves => _waves;

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var (options, database, connectionString) = Open(call);
        await using var __ = database;
        var request = new DownRequest
        {
            To = call.Arguments.GetValue(_to),
            Steps = call.Arguments.GetValue(_steps) ?? 1,
            DryRun = call.Arguments.GetValue(_dryRun),
            OnInterrupted = call.Arguments.GetValue(_interrupted),
        };
        var report = await RunAsync(() => RunnerFor(call, database, options).DownAsync(request, stop), stop);
        var exitCode = MigrationAnswer.Give(call, report, request.DryRun);
        if (report.Succeeded && !request.DryRun)
        {
            await DumpAsync(call.Arguments.GetValue(_dump), options, connectionString, new CopyOptions { PgDump = call.Arguments.GetRequiredValue(_pgDump) }, stop);
        }

        return exitCode;
    }
}
