using System.CommandLine;
using Projections.Definitions;
using Projections.CommandLine.Terminal;
using Projections.Planning;

namespace Projections.CommandLine.Commands;

/// <summary><c>plan</c>: what a rebuild and a switch will do.</summary>
internal sealed class PlanVerb : Verb
{
    private readonly Argument<ProjectionName> _projection = ProjectionArgument.Required();
    private readonly Option<int?> _to = new Option<int?>("--to") { Description = "The version; the newest when left out.", HelpName = "N" }.AtLeast(1);

    public PlanVerb()
        : base(
            "plan",
            "Says what a rebuild and a switch will do to readers, and about what they take, without doing anything.",
            "projections plan invoice_summary",
            "projections plan invoice_summary --to 2 --json")
    {
        Arguments.Add(_projection);
        Options.Add(_to);
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        var plan = await new Plan(system).RunAsync(call.Arguments.GetRequiredValue(_projection), call.Arguments.GetValue(_to), stop);
        call.Screen.Answer(plan, PlanText.Of(plan));
        return ExitCode.Done;
    }
}
