using Projections.Operations;

namespace Projections.CommandLine.Commands;

/// <summary><c>contract</c>: ends a kept contract.</summary>
internal sealed class ContractVerb() : ChangeVerb(
    "contract",
    "Lets a read name that was switched with --keep-contract show all columns of the live version.",
    "projections contract invoice_summary")
{
    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        return OperationAnswer.Give(call, await new WidenContract(system).RunAsync(ProjectionOf(call), ContextOf(call), stop));
    }
}
