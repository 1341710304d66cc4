using System.CommandLine;
using Projections.Operations;

namespace Projections.CommandLine.Commands;

/// <summary><c>abort</c>: gives a half-built version up.</summary>
internal sealed class AbortVerb : ChangeVerb
{
    private readonly Option<int?> _version = CommonOptions.Version();

    public AbortVerb()
        : base(
            "abort",
            "Gives up a version that was never live, and drops its table. Waits until whoever works on it has let go.",
            "projections abort invoice_summary --version 2") =>
        Options.Add(_version);

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        return OperationAnswer.Give(call, await new Abort(system).RunAsync(ProjectionOf(call), call.Arguments.GetValue(_version), ContextOf(call), stop));
    }
}
