using Projections.CommandLine.Terminal;

namespace Projections.CommandLine.Commands.Databases;

/// <summary>What came of a command in one of several databases.</summary>
/// <param name="Database">Its name.</param>
/// <param name="ExitCode">As if it had been the only one.</param>
/// <param name="Text">What people are shown.</param>
/// <param name="Documents">What scripts are given.</param>
/// <param name="Failure">Why it could not be carried out.</param>
/// <param name="NeedsALook">What of it somebody should look at, though the command was carried out.</param>
internal sealed record DatabaseAnswer(string Database, int ExitCode, string Text, IReadOnlyList<object> Documents, Failure? Failure, IReadOnlyList<string> NeedsALook)
{
    /// <summary>Why somebody should look at it; empty when all is as it should be.</summary>
    public IReadOnlyList<string> Troubles => Failure is { } failure ? [failure.Message]
        : NeedsALook.Count > 0 ? NeedsALook
        : ExitCode != CommandLine.ExitCode.Done ? ["see below"]
        : [];

    /// <summary>As one JSON object.</summary>
    public object Document => new
    {
        Database,
        Answer = Documents is [var only] ? only : Documents.Count == 0 ? null : Documents,
        Error = Failure is null ? null : new { Failure.Kind, Failure.Message, Failure.Gates, Failure.Refusals, Failure.Safety, Failure.Problems },
    };
}
