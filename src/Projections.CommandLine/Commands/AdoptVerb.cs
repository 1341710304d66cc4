using System.CommandLine;
using Projections.Events;
using Projections.Operations;

namespace Projections.CommandLine.Commands;

/// <summary><c>adopt</c>: takes over a plain table.</summary>
internal sealed class AdoptVerb : ChangeVerb
{
    private readonly Option<EventPosition?> _at = PositionOption.Create(
        "--at", "The position up to which the rows are complete; the table is followed from there. Left out when another program goes on maintaining it.");

    public AdoptVerb()
        : base(
            "adopt",
            "Takes over an existing table of the projection's name: it becomes version 1, with the view in its place.",
            "projections adopt invoice_summary",
            "projections adopt invoice_summary --at 561400") =>
        Options.Add(_at);

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        return OperationAnswer.Give(call, await new Adopt(system).RunAsync(ProjectionOf(call), call.Arguments.GetValue(_at), ContextOf(call), stop));
    }
}
