using System.CommandLine;
using Projections.Operations;

namespace Projections.Host.Commands;

/// <summary><c>accept</c>: vouches for a version whose folder was changed after it was built.</summary>
internal sealed class AcceptVerb : ChangeVerb
{
    private readonly Option<int> _version = new("--version") { Description = "The version.", HelpName = "N", Required = true };

    public AcceptVerb()
        : base(
            "accept",
            "Accepts that a version's folder was changed after its table was built: you vouch that its rows are the same. Asks for --why.",
            "projections accept invoice_summary --version 1 --why \"only a comment changed\"") =>
        Options.Add(_version);

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        return OperationAnswer.Give(call, await new Accept(system).RunAsync(ProjectionOf(call), call.Arguments.GetValue(_version), ContextOf(call), stop));
    }
}
