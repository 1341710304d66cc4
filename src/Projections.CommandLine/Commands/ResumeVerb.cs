using System.CommandLine;
using Projections.Operations;

namespace Projections.CommandLine.Commands;

/// <summary><c>resume</c>: lets a paused or failed version go on.</summary>
internal sealed class ResumeVerb : ChangeVerb<ResumeCommand>
{
    private readonly Option<bool> _detach = CommonOptions.Detach();

    public ResumeVerb()
        : base([
            "projections resume invoice_summary",
            "projections resume invoice_summary --version 2 --detach",
            "projections resume invoice_summary --set-aside 561400 --why \"a test event\"",
        ]) =>
        Options.Add(_detach);

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var command = (ResumeCommand)CommandOf(call);
        var system = await call.OpenAsync(stop);
        var result = await command.RunAsync(system, ContextOf(call), stop);
        if (result.AlreadyDone || call.Arguments.GetValue(_detach))
        {
            return Answer(call, result);
        }

        call.Screen.Say(result.Outcome);
        return await new InlineBuild(call, system, [result.Version], untilLive: false).RunAsync(stop);
    }
}
