using System.Text.Json;

namespace Projections.CommandLine;

/// <summary>What a call of the program came to.</summary>
public sealed record ProgramResult(int ExitCode, string Output, string Errors)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>Checks the exit code, and shows what was said when it is another.</summary>
    public ProgramResult ShouldExitWith(int exitCode)
    {
        ExitCode.ShouldBe(exitCode, ToString());
        return this;
    }

    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Errors}";
}
