using System.Runtime.Loader;
using Projections.Definitions;
using Projections.Testing.Folding;
using Projections.Testing.Orders;

namespace Projections.Testing.Witness;

/// <summary>
/// The other process: folds what it is given until its input ends. It is this library, started with the files of the tests that use it.
/// </summary>
internal static class WitnessProgram
{
    private static readonly Dictionary<string, IMemoryGround> Grounds = new(StringComparer.Ordinal);

    public static int Main()
    {
        using var input = new BinaryReader(new BufferedStream(Console.OpenStandardInput()));
        using var output = new BinaryWriter(new BufferedStream(Console.OpenStandardOutput()));

        // What a handler says must not get between the answers.
        Console.SetOut(TextWriter.Null);

        // Another folder, where a handler looks for one.
        AppContext.SetData("APP_CONTEXT_BASE_DIRECTORY", Path.GetTempPath());
        while (WitnessRequest.TryRead(input) is { } request)
        {
            Answer(request).Write(output);
            output.Flush();
        }

        return 0;
    }

    private static WitnessAnswer Answer(WitnessRequest request)
    {
        try
        {
            return OtherThread.Run(() => Fold(request));
        }
        catch (Exception error)
        {
            return new WitnessAnswer([], [], $"{error.GetBaseException().GetType().Name}: {error.GetBaseException().Message}");
        }
    }

    private static WitnessAnswer Fold(WitnessRequest request)
    {
        var ground = GroundOf(request);
        ground.Probe(request.Others);
        var eachAlone = new Course([.. Enumerable.Range(0, request.Given.Count).Select(place => new Incident(place, Happening.BatchEnds))]);
        var outcome = CourseRun.RunAsync(ground, request.Given, eachAlone, []).AsTask().GetAwaiter().GetResult();
        return new WitnessAnswer([.. outcome.Rows.Values], outcome.Failures, null);
    }

    private static IMemoryGround GroundOf(WitnessRequest request)
    {
        if (!Grounds.TryGetValue(request.TypeName, out var ground))
        {
            var assembly = AssemblyLoadContext.Default.LoadFromAssemblyPath(request.AssemblyPath);
            var version = (ProjectionVersion)Activator.CreateInstance(assembly.GetType(request.TypeName, throwOnError: true)!, nonPublic: true)!;
            ground = MemoryGround.Of(version)!;
            Grounds.Add(request.TypeName, ground);
        }

        return ground;
    }
}
