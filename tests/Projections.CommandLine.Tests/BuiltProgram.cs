using System.Diagnostics;
using Npgsql;
using Projections.TestServers;

namespace Projections.CommandLine;

/// <summary>The program <c>projections</c>, as it was built, with its environment.</summary>
public sealed class BuiltProgram
{
    private readonly Dictionary<string, string> _environment = [];
    private readonly string? _secret;

    /// <param name="connectionString">The database that it is configured for; <c>null</c> for none. Its password must never be said.</param>
    public BuiltProgram(string? connectionString = null)
    {
        if (connectionString is not null)
        {
            _environment["ConnectionStrings__ReadModels"] = connectionString;
            _secret = new NpgsqlConnectionStringBuilder(connectionString).Password;
        }

        _environment["Events__GraceTime"] = "00:00:00";
        _environment["Projections__LeaseDuration"] = "00:00:02";
        _environment["Projections__ReplayCommitInterval"] = "00:00:00.100";
    }

    /// <summary>Where it is started; an empty folder unless a test puts something there.</summary>
    public string WorkingFolder { get; init; } = Path.GetTempPath();

    public BuiltProgram With(string variable, string value)
    {
        _environment[variable] = value;
        return this;
    }

    public RunningProgram Start(params IEnumerable<string> arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Projections.Host.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { WorkingDirectory = WorkingFolder };
        ShippedLimits.ApplyTo(start);
        foreach (var (variable, value) in _environment)
        {
            start.Environment[variable] = value;
        }

        return new RunningProgram(start, _secret);
    }

    public async Task<ProgramResult> RunAsync(params IEnumerable<string> arguments)
    {
        await using var program = Start(arguments);
        return await program.EndAsync();
    }
}
