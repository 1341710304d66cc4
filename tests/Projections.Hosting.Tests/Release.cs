using Projections.Commands;
using Projections.Operations;

namespace Projections.Hosting;

/// <summary>The example of docs/first-projection.md: operations that are called from code.</summary>
internal sealed class Release(IProjections projections)
{
    public async Task SwitchAsync(int version, Guid deployment, CancellationToken stop)
    {
        var who = new CommandContext("deploy", deployment);   // the same id again does nothing again
        var result = await projections.RunAsync(
            new SwitchCommand { Projection = new("invoice_summary"), To = version, RequireVerified = true, Why = "due dates" }, who, stop);
        Console.WriteLine(result.Outcome);                    // Reads of 'invoice_summary' go to v2, no longer to v1, since position 561400.
    }
}
