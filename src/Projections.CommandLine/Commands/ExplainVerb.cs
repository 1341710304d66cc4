using System.CommandLine;
using Projections.Definitions;
using Projections.CommandLine.Terminal;
using Projections.Verification;

namespace Projections.CommandLine.Commands;

/// <summary><c>explain</c>: how a row came to be, event by event.</summary>
internal sealed class ExplainVerb : Verb
{
    private readonly Argument<ProjectionName> _projection = ProjectionArgument.Required();
    private readonly Argument<string> _key = new("KEY") { Description = "The row's key; several parts with commas between them." };
    private readonly Option<int?> _from = new Option<int?>("--from") { Description = "One version; the live one when left out.", HelpName = "N" }.AtLeast(1);
    private readonly Option<int?> _to = new Option<int?>("--to") { Description = "The other; the newest when left out.", HelpName = "N" }.AtLeast(1);

    public ExplainVerb()
        : base(
            "explain",
            "Folds the events that made a row through both versions' handlers, one by one, and shows at which they part.",
            "projections explain invoice_summary 6f9619ff-8b86-d011-b42d-00cf4fc964ff",
            "projections explain customer_month_revenue 'ACME,2026-03-01' --json")
    {
        Arguments.Add(_projection);
        Arguments.Add(_key);
        Options.Add(_from);
        Options.Add(_to);
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        var explanation = await new Explain(system).RunAsync(
            call.Arguments.GetRequiredValue(_projection), call.Arguments.GetRequiredValue(_key), call.Arguments.GetValue(_from), call.Arguments.GetValue(_to), stop);
        call.Screen.Answer(explanation, ExplanationText.Of(explanation));
        return ExitCode.Done;
    }
}
