using System.CommandLine;
using Projections.CommandLine.Commands.Databases;
using Projections.Migrations.Execution;
using Projections.Migrations.Running;
using Projections.Migrations.Safety;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary><c>migrate up</c>: applies what is pending.</summary>
internal sealed class UpVerb : MigrationVerb
{
    private readonly Option<long?> _to = new("--to") { Description = "The last migration to apply. The default is all.", HelpName = "N" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only print the SQL that would be run, and what the safety check says of it. Ends with 3 where it would be refused." };
    private readonly Option<OnInterrupted> _interrupted = CommonMigrateOptions.Interrupted();
    private readonly Option<string?> _skipSafety = new("--skip-safety") { Description = "Apply without the safety check; the reason is kept in the tracking table.", HelpName = "REASON" };
    private readonly Option<bool> _createDatabase = new("--create-database") { Description = "Create the database if it is not there." };
    private readonly Option<int?> _wait = new Option<int?>("--wait") { Description = "How many seconds to wait for a server that is starting. The default is not to wait.", HelpName = "SECONDS" }.AtLeast(0);
    private readonly Option<string?> _dump = CommonMigrateOptions.Dump();
    private readonly Waves _waves = new();
    private readonly CopyOptionSet _copy = new();

    public UpVerb()
        : base(
            "up",
            "Applies pending migrations, one runner at a time. In production (DOTNET_ENVIRONMENT, which is Production where it is not set) unsafe ones are refused.",
            "projections migrate up --service billing",
            "projections migrate up --service billing --to 5 --dry-run",
            "projections migrate up --service billing --dump schema.sql",
            "projections migrate up --service billing --wait 60 --create-database",
            "projections migrate up --service billing --skip-safety \"no users yet\"",
            "projections migrate up --service billing --all-databases --wave 1,10%,rest --healthy-for 5m")
    {
        Options.Add(_to);
        Options.Add(_dryRun);
        Options.Add(_interrupted);
        Options.Add(_skipSafety);
        Options.Add(_createDatabase);
        Options.Add(_wait);
        Options.Add(_dump);
        Options.Add(_waves.Sizes);
        Options.Add(_waves.HealthyFor);
        _copy.AddTo(this);
        Validators.Add(CommonMigrateOptions.OneDump(_dump));
    }

    internal override Waves? Waves => _waves;

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var (options, database, connectionString) = Open(call);
        await using var _ = database;
        var runner = RunnerFor(call, database, options);
        var request = new UpRequest
        {
            To = call.Arguments.GetValue(_to),
            DryRun = call.Arguments.GetValue(_dryRun),
            OnInterrupted = call.Arguments.GetValue(_interrupted),
            SafetySkipped = call.Arguments.GetValue(_skipSafety),
        };
        var copy = _copy.Of(call.Arguments);
        if (request.DryRun)
        {
            await PrepareAsync(call, connectionString, stop);
            var rehearsal = await UpRehearsal.RunAsync(runner, new SafetyCheck(options, copy), request, connectionString, stop);
            rehearsal.Give(call.Screen);
            return rehearsal.IsSafe || !IsProduction(call) ? ExitCode.Done : ExitCode.Refused;
        }

        var report = await RunAsync(
            async () =>
            {
                await PrepareAsync(call, connectionString, stop);
                return IsProduction(call)
                    ? await new GuardedUp(runner, options, new MigrationGuard { Copy = copy }, connectionString).RunAsync(request, stop)
                    : await runner.UpAsync(request, stop);
            },
            stop);
        var exitCode = MigrationAnswer.Give(call, report);
        if (report.Succeeded)
        {
            await DumpAsync(call.Arguments.GetValue(_dump), options, connectionString, copy, stop);
        }

        return exitCode;
    }

    private async Task PrepareAsync(Invocation call, string connectionString, CancellationToken stop)
    {
        var opening = new DatabaseOpening
        {
            Patience = TimeSpan.FromSeconds(call.Arguments.GetValue(_wait) ?? 0),
            Creates = call.Arguments.GetValue(_createDatabase),
            OnWait = reason => call.Screen.Say($"Waiting for the server: {reason.Message}"),
        };
        if (await opening.PrepareAsync(connectionString, stop))
        {
            call.Screen.Say("Created the database.");
        }
    }

    private static bool IsProduction(Invocation call) =>
        (call.Configuration["DOTNET_ENVIRONMENT"] ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? "Production")
        .Equals("Production", StringComparison.OrdinalIgnoreCase);
}
