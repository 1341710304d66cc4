using System.CommandLine;
using Projections.Operations;

namespace Projections.CommandLine.Commands;

/// <summary><c>retire</c>: drops the table of a version that nobody needs.</summary>
internal sealed class RetireVerb : ChangeVerb
{
    private readonly Option<int> _version = new("--version") { Description = "The version.", HelpName = "N", Required = true };

    public RetireVerb()
        : base(
            "retire",
            "Drops the table of a version that is not live; there is no rollback to it after that.",
            "projections retire invoice_summary --version 1") =>
        Options.Add(_version);

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        return OperationAnswer.Give(call, await new Retire(system).RunAsync(ProjectionOf(call), call.Arguments.GetValue(_version), ContextOf(call), stop));
    }
}
