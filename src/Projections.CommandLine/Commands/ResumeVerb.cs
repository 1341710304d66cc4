using System.CommandLine;
using Projections.Events;
using Projections.Operations;

namespace Projections.CommandLine.Commands;

/// <summary><c>resume</c>: lets a paused or failed version go on.</summary>
internal sealed class ResumeVerb : ChangeVerb
{
    private readonly Option<int?> _version = CommonOptions.Version();
    private readonly Option<EventPosition?> _setAside = PositionOption.Create(
        "--set-aside", "The position of the event that the version stopped at; it becomes a dead letter, and the version goes on behind it. Needs --why.");
    private readonly Option<bool> _detach = new("--detach") { Description = "Only ask for it; a worker ('projections run') does the work." };

    public ResumeVerb()
        : base(
            "resume",
            "Lets a paused or failed version go on from its checkpoint.",
            "projections resume invoice_summary",
            "projections resume invoice_summary --version 2 --detach",
            "projections resume invoice_summary --set-aside 561400 --why \"a test event\"")
    {
        Options.Add(_version);
        Options.Add(_setAside);
        Options.Add(_detach);
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        var version = call.Arguments.GetValue(_version);
        var result = call.Arguments.GetValue(_setAside) is { } position
            ? await new Resume(system).SetAsideAsync(ProjectionOf(call), version, position, ContextOf(call), stop)
            : await new Resume(system).RunAsync(ProjectionOf(call), version, ContextOf(call), stop);
        if (result.AlreadyDone || call.Arguments.GetValue(_detach))
        {
            return OperationAnswer.Give(call, result);
        }

        call.Screen.Say(result.Outcome);
        return await new InlineBuild(call, system, result.Version, untilLive: false).RunAsync(stop);
    }
}
