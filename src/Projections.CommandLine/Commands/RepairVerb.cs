using Projections.Workers;
using Projections.WorkOrders;

namespace Projections.CommandLine.Commands;

/// <summary><c>repair</c>: folds some rows anew from their events.</summary>
internal sealed class RepairVerb() : ChangeVerb<RepairCommand>(
    [
        "projections repair invoice_summary --key 6f9619ff-8b86-d011-b42d-00cf4fc964ff",
        "projections repair invoice_summary --version 2 --where-different --why \"the handler was wrong\"",
    ])
{
    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var command = (RepairCommand)CommandOf(call);
        var system = await call.OpenAsync(stop);
        WorkResult result;
        await using (Worker.Start(system, command.Projection))
        {
            result = await command.DoAsync(system, ContextOf(call), stop);
        }

        call.Screen.Answer(result.Report, result.Outcome);
        return ExitCode.Done;
    }
}
