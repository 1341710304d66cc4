using Projections.Commands;
using Projections.Reports;

namespace Projections.CommandLine.Commands;

/// <summary>The answer to a command that is done in one step.</summary>
internal static class OperationAnswer
{
    public static int Give(Invocation call, OperationResult result)
    {
        call.Screen.Answer(OperationReport.Of(result), result.Outcome);
        return ExitCode.Done;
    }
}
