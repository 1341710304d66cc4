using System.CommandLine;
using Projections.Operations;

namespace Projections.CommandLine.Commands;

/// <summary><c>pause</c>: stops work on a version for a while.</summary>
internal sealed class PauseVerb : ChangeVerb
{
    private readonly Option<int?> _version = CommonOptions.Version();

    public PauseVerb()
        : base(
            "pause",
            "Stops work on a version, wherever it is done, until it is resumed.",
            "projections pause invoice_summary --why \"month end\"") =>
        Options.Add(_version);

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        return OperationAnswer.Give(call, await new Pause(system).RunAsync(ProjectionOf(call), call.Arguments.GetValue(_version), ContextOf(call), stop));
    }
}
