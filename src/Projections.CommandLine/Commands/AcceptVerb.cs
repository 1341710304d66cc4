using System.CommandLine;
using Projections.Operations;

namespace Projections.CommandLine.Commands;

/// <summary><c>accept</c>: vouches for a version whose folder was changed after it was built.</summary>
internal sealed class AcceptVerb : ChangeVerb
{
    private readonly Option<int> _version = new("--version") { Description = "The version.", HelpName = "N", Required = true };

    public AcceptVerb()
        : base(
            "accept",
            "Accepts that a version was changed after its table was built: you vouch that its rows are the same. Asks for --why. "
            + "What is compared: the files of its folder with all subfolders, and of the event types that it handles the names, members (by their JSON names, types, defaults and converters), JSON options "
            + "and which old shapes become which. Not compared: the code of upcasters and event classes, and other code outside of the folder.",
            "projections accept invoice_summary --version 1 --why \"only a comment changed\"") =>
        Options.Add(_version);

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        return OperationAnswer.Give(call, await new Accept(system).RunAsync(ProjectionOf(call), call.Arguments.GetValue(_version), ContextOf(call), stop));
    }
}
