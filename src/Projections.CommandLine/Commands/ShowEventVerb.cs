using Projections.Operations;

namespace Projections.CommandLine.Commands;

/// <summary><c>show-event</c>: the event that a version stopped at.</summary>
internal sealed class ShowEventVerb() : ChangeVerb<ShowEventCommand>(
    [
        "projections show-event invoice_summary",
        "projections show-event invoice_summary --version 2 --why \"a bug report\" --json",
    ])
{
    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var command = (ShowEventCommand)CommandOf(call);
        var shown = await command.RunAsync(await call.OpenAsync(stop), ContextOf(call), stop);
        call.Screen.Answer(shown, $"{shown.Type} at position {shown.Position}, event {shown.StreamVersion} of {shown.Stream}:{Environment.NewLine}{shown.Data}");
        return ExitCode.Done;
    }
}
