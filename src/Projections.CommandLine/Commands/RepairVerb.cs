using System.CommandLine;
using Projections.Verification;
using Projections.Workers;

namespace Projections.CommandLine.Commands;

/// <summary><c>repair</c>: folds some rows anew from their events.</summary>
internal sealed class RepairVerb : ChangeVerb
{
    private readonly Option<int?> _version = CommonOptions.Version();
    private readonly Option<string[]> _keys = new("--key") { Description = "A row's key; may be given several times.", HelpName = "KEY" };
    private readonly Option<string[]> _streams = new("--stream") { Description = "All rows of a stream; may be given several times.", HelpName = "STREAM" };
    private readonly Option<string?> _tenant = new("--tenant") { Description = "All rows of a tenant.", HelpName = "TENANT" };
    private readonly Option<bool> _whereDifferent = new("--where-different") { Description = "All rows that differ between the live version and the other." };

    public RepairVerb()
        : base(
            "repair",
            "Folds some rows anew from their events and replaces them, while the version goes on being followed.",
            "projections repair invoice_summary --key 6f9619ff-8b86-d011-b42d-00cf4fc964ff",
            "projections repair invoice_summary --version 2 --where-different --why \"the handler was wrong\"")
    {
        foreach (Option option in (Option[])[_version, _keys, _streams, _tenant, _whereDifferent])
        {
            Options.Add(option);
        }
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        var scope = new RepairScope
        {
            Keys = call.Arguments.GetValue(_keys) ?? [],
            Streams = call.Arguments.GetValue(_streams) ?? [],
            Tenant = call.Arguments.GetValue(_tenant),
            WhereDifferent = call.Arguments.GetValue(_whereDifferent),
        };
        RepairReport report;
        await using (Worker.Start(system, ProjectionOf(call)))
        {
            report = await new Repair(system).RunAsync(ProjectionOf(call), call.Arguments.GetValue(_version), scope, ContextOf(call), stop);
        }

        call.Screen.Answer(report, $"{report.Keys} rows of {report.Version} were folded anew: the table had {report.Before} of them, and has {report.After}.");
        return ExitCode.Done;
    }
}
