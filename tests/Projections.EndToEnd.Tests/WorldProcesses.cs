using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>The real executable against a world's database.</summary>
internal static class WorldProcesses
{
    extension(WorkerProcess)
    {
        /// <summary>Starts a verb against a world's database, with engine settings by their names.</summary>
        public static WorkerProcess Start(World world, IEnumerable<(string Setting, string Value)> settings, params string[] arguments) =>
            WorkerProcess.Start("Projections.Host.dll", [.. Settings(world), .. settings], arguments);

        /// <summary>The same for the program of the tallies.</summary>
        public static WorkerProcess StartTallies(World world, IEnumerable<(string Setting, string Value)> settings, params string[] arguments) =>
            WorkerProcess.Start("Projections.TallyProcess.dll", [.. Settings(world), .. settings], arguments);
    }

    private static IEnumerable<(string Setting, string Value)> Settings(World world) =>
    [
        ("ConnectionStrings__ReadModels", world.Database.ConnectionString),
        ("Events__Kind", "Marten"),
        ("Events__Schema", "events"),
        ("Events__GraceTime", "00:00:00"),
        ("Projections__LeaseDuration", "00:00:01"),
        ("Projections__ReplayPartitions", "3"),
        ("Http__Listen", "off"),
    ];
}
