using System.CommandLine;
using Projections.CommandLine.Terminal;

namespace Projections.CommandLine.Commands;

/// <summary>A command of the program. Its work is done by the operations of the core; here stand its words and its answer.</summary>
internal abstract class Verb : Command
{
    protected Verb(string name, string description, params IReadOnlyList<string> examples)
        : base(name, description)
    {
        Examples = examples;
        SetAction((parsed, _) => InvokeAsync(parsed));
    }

    /// <summary>Who asks.</summary>
    protected static string Caller => $"{Environment.UserName}@{Environment.MachineName}";

    /// <summary>Lines that can be typed as they stand; shown by <c>--help</c>.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <returns>The exit code; see <see cref="ExitCode"/>.</returns>
    protected abstract Task<int> RunAsync(Invocation call, CancellationToken stop);

    private async Task<int> InvokeAsync(ParseResult parsed)
    {
        using var stop = new StopRequest();
        await using var call = new Invocation(parsed);
        try
        {
            return await RunAsync(call, stop.Token);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception exception)
        {
            var failure = Failure.Of(exception, call.SettingsIfRead);
            call.Screen.Complain(failure, call.IsVerbose ? exception : null);
            return failure.ExitCode;
        }
    }
}
