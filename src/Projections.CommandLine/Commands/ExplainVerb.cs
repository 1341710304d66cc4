using System.CommandLine;
using Projections.CommandLine.Terminal;
using Projections.Verification;
using Command = Projections.Commands.Command;

namespace Projections.CommandLine.Commands;

/// <summary><c>explain</c>: how a row came to be, event by event.</summary>
internal sealed class ExplainVerb : ChangeVerb<ExplainCommand>
{
    private readonly Argument<string> _key = new("KEY") { Description = "The row's key; several parts with commas between them." };

    public ExplainVerb()
        : base(
            [
                "projections explain invoice_summary 6f9619ff-8b86-d011-b42d-00cf4fc964ff",
                "projections explain customer_month_revenue 'ACME,2026-03-01' --json",
            ],
            null,
            nameof(ExplainCommand.Key)) =>
        Arguments.Add(_key);

    protected override Command InOtherWords(ExplainCommand command, ParseResult arguments) => command with { Key = arguments.GetRequiredValue(_key) };

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var command = (ExplainCommand)CommandOf(call);
        var explanation = await new Explain(await call.OpenAsync(stop)).RunAsync(command, ContextOf(call), stop);
        call.Screen.Answer(explanation, ExplanationText.Of(explanation));
        return ExitCode.Done;
    }
}
