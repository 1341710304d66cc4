using System.Diagnostics;
using Projections.Definitions;
using Projections.Events;
using Projections.Testing.Folding;
using Projections.Testing.Orders;

namespace Projections.Testing.Witness;

/// <summary>
/// Another process of the same program, with hash codes, threads, an environment, a time zone and a folder of its own. All specs of this process
/// share one; it ends when this one does.
/// </summary>
internal sealed class WitnessProcess : IDisposable
{
    /// <summary>Set where no second process can be had; specs then look for what depends on the process in this one alone.</summary>
    public const string AloneVariable = "PROJECTIONS_SPECS_ALONE";

    private static readonly Lazy<WitnessProcess?> Started = new(Start);

    private readonly Process _process;
    private readonly BinaryWriter _input;
    private readonly BinaryReader _output;
    private readonly Lock _turn = new();

    private WitnessProcess(Process process)
    {
        _process = process;
        _input = new BinaryWriter(new BufferedStream(process.StandardInput.BaseStream));
        _output = new BinaryReader(new BufferedStream(process.StandardOutput.BaseStream));
    }

    /// <summary>The process's view of a version.</summary>
    /// <returns><c>null</c> where it cannot make the version: it has no constructor without parameters, or its assembly is in no file.</returns>
    /// <exception cref="ProjectionSpecFailed">The process could not be started.</exception>
    public static IElsewhere? Of(ProjectionVersion version)
    {
        var type = version.GetType();
        var canMake = type.GetConstructor(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic, []) is not null;
        return canMake && type.Assembly.Location.Length > 0 && Started.Value is { } process ? new Elsewhere(process, type) : null;
    }

    /// <summary>Ends its input, and with it the process.</summary>
    public void Dispose()
    {
        _input.Dispose();
        _output.Dispose();
        _process.Dispose();
    }

    private WitnessAnswer Ask(WitnessRequest request)
    {
        lock (_turn)
        {
            try
            {
                request.Write(_input);
                _input.Flush();
                return WitnessAnswer.Read(_output);
            }
            catch (IOException broken)
            {
                throw new ProjectionSpecFailed($"The second process, in which specs are run too, ended while it folded {request.TypeName} (exit code {(_process.WaitForExit(1_000) ? _process.ExitCode : "unknown")}). A handler that ends its process, or overflows its stack, does that.", broken);
            }
        }
    }

    private static WitnessProcess? Start()
    {
        if (Environment.GetEnvironmentVariable(AloneVariable) is not null)
        {
            return null;
        }

        try
        {
            var process = Process.Start(StartInfo()) ?? throw new InvalidOperationException("it did not start");
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            return new WitnessProcess(process);
        }
        catch (Exception failed) when (failed is System.ComponentModel.Win32Exception or InvalidOperationException or FileNotFoundException)
        {
            throw new ProjectionSpecFailed($"A second process, in which specs are run too, could not be started: {failed.Message}. Set {AloneVariable} to do without it; a handler that depends on hash codes or on the environment is then not found.", failed);
        }
    }

    private static ProcessStartInfo StartInfo()
    {
        // The files of the program that runs the tests: with them the other process finds every assembly that this one finds.
        var dependencies = (AppContext.GetData("APP_CONTEXT_DEPS_FILES") as string ?? "").Split(Path.PathSeparator, ';').FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException("the program that runs the tests has no .deps.json");
        var runtime = dependencies.Replace(".deps.json", ".runtimeconfig.json", StringComparison.Ordinal);
        var start = new ProcessStartInfo(Dotnet(), ["exec", "--depsfile", dependencies, "--runtimeconfig", runtime, typeof(WitnessProcess).Assembly.Location])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        // Whatever watches the tests (coverage, a debugger's hooks) has nothing to do with the other process.
        start.Environment.Remove("CORECLR_ENABLE_PROFILING");
        start.Environment.Remove("DOTNET_STARTUP_HOOKS");
        foreach (var (name, value) in Environs())
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static IEnumerable<(string Name, string Value)> Environs()
    {
        // A quick start is worth more here than fast code.
        yield return ("DOTNET_TieredPGO", "0");
        yield return ("TZ", "Asia/Kathmandu");
        yield return ("LANG", "tr_TR.UTF-8");
        yield return ("LC_ALL", "tr_TR.UTF-8");
        yield return ("USER", "somebody-else");
        yield return ("USERNAME", "somebody-else");
        yield return ("HOSTNAME", "somewhere-else");
        yield return ("COMPUTERNAME", "somewhere-else");
        yield return ("ASPNETCORE_ENVIRONMENT", "Elsewhere");
        yield return ("DOTNET_ENVIRONMENT", "Elsewhere");
    }

    private static string Dotnet()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var beside = Path.GetFullPath(Path.Combine(framework, "..", "..", "..", name));
        return File.Exists(beside) ? beside : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? name;
    }

    private sealed class Elsewhere(WitnessProcess process, Type type) : IElsewhere
    {
        public ValueTask<Outcome> FoldAsync(IReadOnlyList<RecordedEvent> given, IReadOnlyList<RecordedEvent> others)
        {
            var answer = process.Ask(new WitnessRequest(type.Assembly.Location, type.FullName!, others, given));
            return answer.Error is null
                ? new ValueTask<Outcome>(Outcome.Of(answer.Rows, answer.Failures))
                : throw new ProjectionSpecFailed($"{type.Name} cannot be folded in a second process: {answer.Error}");
        }
    }
}
