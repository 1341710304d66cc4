using System.Diagnostics;

namespace Projections.LocalPostgres;

/// <summary>Runs a program to its end and keeps what it said.</summary>
internal static class ToolProcess
{
    public sealed record Result(int ExitCode, string Output);

    public static Result Run(string program, IEnumerable<string> arguments)
    {
        using var process = Start(program, arguments, workingFolder: null);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Result(process.ExitCode, (output + error.GetAwaiter().GetResult()).Trim());
    }

    public static async Task<Result> RunAsync(
        string program, IEnumerable<string> arguments, string workingFolder, CancellationToken cancellationToken)
    {
        using var process = Start(program, arguments, workingFolder);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new Result(process.ExitCode, (await output + await error).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static Process Start(string program, IEnumerable<string> arguments, string? workingFolder)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };

        // A folder that the account of the server may enter, and messages in a language that can be read here.
        start.WorkingDirectory = workingFolder ?? "/";
        start.Environment["LC_ALL"] = "C";
        return Process.Start(start) ?? throw new LocalPostgresFailed($"{program} could not be started.");
    }
}
