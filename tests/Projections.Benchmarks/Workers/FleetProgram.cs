using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Projections.Benchmarks.Store;
using Projections.Commands;
using Projections.Definitions;
using Projections.Hosting.Configuration;
using Projections.Hosting.Databases;
using Projections.Operations;
using Projections.Serving;

namespace Projections.Benchmarks.Workers;

/// <summary>A program that serves many databases, in a process of its own.</summary>
internal static class FleetProgram
{
    public const string Verb = "fleet";

    public const string ConnectionVariable = "BENCHMARK_CONNECTION";

    public const string NamesVariable = "BENCHMARK_DATABASES";

    public const string AskForRebuild = "rebuild";

    public const string Done = "done";

    /// <summary>Serves until the input ends; a line with <see cref="AskForRebuild"/> has all databases rebuilt.</summary>
    /// <param name="args">The set of versions, and the memory limit.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            [$"{DatabaseList.Section}:{nameof(DatabaseListOptions.Names)}"] = Environment.GetEnvironmentVariable(NamesVariable),
            [$"{DatabaseList.Section}:{nameof(DatabaseListOptions.ReadModels)}"] = Environment.GetEnvironmentVariable(ConnectionVariable),
            ["Events:Schema"] = BenchmarkDatabase.EventSchema,
            ["Projections:MemoryLimitMegabytes"] = args[1],
        }).Build();
        var list = DatabaseList.Read(configuration);
        var databases = new ServedDatabases();
        var parts = new DatabaseParts(
            VersionSets.Of(args[0]),
            address => DatabaseSettings.Read(configuration, address, null),
            databases,
            new ProcessResources(SettingsReader.ReadEngine(configuration)),
            new ConnectionBudget(list.Options.ConnectionsEach, list.Options.Connections),
            NullLoggerFactory.Instance,
            TimeProvider.System);
        await using var service = new DatabaseService(list, parts);
        await service.StartAsync(CancellationToken.None);
        await UntilOpenAsync(databases, list.Options.Names!.Split(',').Length);
        Console.WriteLine(WorkerProgram.Started);
        while (await Console.In.ReadLineAsync() == AskForRebuild)
        {
            foreach (var database in databases.All)
            {
                await new RebuildCommand { Projection = new ProjectionName("invoice_summary"), To = 1 }.RunAsync(database.System!, new CommandContext("benchmark"), CancellationToken.None);
            }

            Console.WriteLine(Done);
        }

        await service.StopAsync(CancellationToken.None);
        return 0;
    }

    private static async Task UntilOpenAsync(ServedDatabases databases, int count)
    {
        while (true)
        {
            var changed = databases.Changed;
            if (databases.All.Count(database => database.System is not null) == count)
            {
                return;
            }

            await changed.WaitAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
