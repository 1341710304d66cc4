using Projections.Operations;

namespace Projections.Host.Commands;

/// <summary>The answer to a command that is done in one step.</summary>
internal static class OperationAnswer
{
    public static int Give(Invocation call, OperationResult result)
    {
        call.Screen.Answer(new { result.Version.Projection, Version = result.Version.Number, result.Outcome, result.AlreadyDone }, result.Outcome);
        return ExitCode.Done;
    }
}
