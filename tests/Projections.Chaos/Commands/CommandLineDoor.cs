using System.Globalization;
using Projections.Chaos.Ground;
using Projections.TestServers;

namespace Projections.Chaos.Commands;

/// <summary>The program with a verb, in a process of its own, whose way to the database is that of some worker.</summary>
internal sealed class CommandLineDoor(ChaosGround ground, IReadOnlyList<Seat> fleet) : IDoor
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public string Name => "command line";

    public int Weight => 2;

    public bool Knows(ChaosCommand command) => true;

    public async Task<Answer> SendAsync(ChaosCommand command, Random random)
    {
        await using var process = WorkerProcess.Start(
            "Projections.Chaos.dll",
            [.. ground.ConnectionsThrough(fleet[random.Next(fleet.Count)].Proxy), .. ChaosSettings.Of(ground)],
            [ChaosOptions.WorkerVerb, .. Line(command)]);
        try
        {
            var code = await process.ExitAsync(Patience);
            return code switch
            {
                0 => Answer.Done(process.Said),
                2 or 3 when HasSaid(process) => Answer.Refused(process.Said),
                4 when HasSaid(process) => Answer.Unavailable(process.Said),
                _ => Answer.Bad(string.Create(CultureInfo.InvariantCulture, $"exit code {code}: {process.Said}")),
            };
        }
        catch (InvalidOperationException exception)
        {
            return Answer.Bad(exception.Message);
        }
    }

    private static bool HasSaid(WorkerProcess process) => !string.IsNullOrWhiteSpace(process.Said);

    private static string[] Line(ChaosCommand command)
    {
        var version = command.Version.ToString(CultureInfo.InvariantCulture);
        string[] rest = command.Verb switch
        {
            "rebuild" =>
            [
                "--to", version, "--detach", "--switch", command.SwitchWhenReady ? "auto" : "manual",
                .. command.EventsPerSecond is { } limit ? (string[])["--throttle", limit.ToString(CultureInfo.InvariantCulture)] : [],
                .. command.Shards is { } shards ? (string[])["--shards", shards.ToString(CultureInfo.InvariantCulture)] : [],
            ],
            "switch" => ["--to", version, "--patience", "20s"],
            "rollback" => ["--patience", "20s"],
            "throttle" => [command.EventsPerSecond?.ToString(CultureInfo.InvariantCulture) ?? "off", "--version", version],
            "verify" => ["--patience", "20s"],
            "repair" => ["--version", version, "--key", command.Key],
            _ => ["--version", version],
        };
        return [command.Verb, command.Projection, .. rest, "--command-id", command.Id.ToString(), "--why", "chaos"];
    }
}
