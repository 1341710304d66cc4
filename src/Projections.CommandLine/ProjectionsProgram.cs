using System.Reflection;

namespace Projections.CommandLine;

/// <summary>
/// The whole program in one line of a team's own: the command line, and with <c>run</c> the worker, the page, the API, the bus, the
/// scheduled checks and telemetry, as they are configured.
/// </summary>
/// <example><code>
/// return await ProjectionsProgram.RunAsync(args, typeof(InvoiceSummaryV1).Assembly);
/// </code></example>
public static class ProjectionsProgram
{
    /// <summary>Carries a line of arguments out.</summary>
    /// <param name="args">The line.</param>
    /// <param name="assemblies">Where the versions of the read models are declared, beside the program's own assembly.</param>
    /// <returns>The exit code: 0 done, 2 wrong usage or configuration, 3 refused, 4 failed, 5 unknown, 130 stopped by Ctrl-C.</returns>
    public static Task<int> RunAsync(string[] args, params Assembly[] assemblies) => CreateBuilder(assemblies).RunAsync(args);

    /// <summary>For a program of which more is to be said: events from a source of its own, other loggers, services beside the worker.</summary>
    /// <param name="assemblies">Where the versions of the read models are declared, beside the program's own assembly.</param>
    public static ProjectionsProgramBuilder CreateBuilder(params Assembly[] assemblies)
    {
        var builder = new ProjectionsProgramBuilder();
        foreach (var assembly in assemblies.Append(Assembly.GetEntryAssembly()).OfType<Assembly>().Distinct())
        {
            builder.AddVersionsFrom(assembly);
        }

        return builder;
    }
}
