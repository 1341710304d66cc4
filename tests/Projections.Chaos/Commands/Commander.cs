using Npgsql;
using Projections.Catalog;
using Projections.Chaos.Ground;
using Projections.Chaos.Report;

namespace Projections.Chaos.Commands;

/// <summary>People and programs that command by every door: mostly what makes sense as things are, in part anything, and some of it twice.</summary>
internal sealed class Commander(ChaosGround ground, IReadOnlyList<IDoor> doors, ChaosRecord record, TimeSpan pause, int seed)
{
    private const int AtOnce = 4;

    private static readonly string[] Verbs = ["rebuild", "switch", "rollback", "pause", "resume", "retire", "abort", "verify", "repair", "throttle"];

    private static readonly Dictionary<string, string> Keys = new()
    {
        ["balance"] = "account", ["customer_total"] = "customer", ["open_account"] = "account", ["journal"] = "position",
    };

    /// <summary>Those whose rows are made of one stream each, so that their history can be cut.</summary>
    private static readonly HashSet<string> InShards = ["balance", "open_account"];

    private readonly ProjectionCatalog _catalog = new(ground.Observer);

    public async Task CommandAsync(CancellationToken stop)
    {
        var random = new Random(seed);
        using var places = new SemaphoreSlim(AtOnce);
        var open = new List<Task>();
        while (!stop.IsCancellationRequested)
        {
            await places.WaitAsync(CancellationToken.None);
            open.Add(CommandOnceAsync(new Random(random.Next()), places));
            open.RemoveAll(task => task.IsCompletedSuccessfully);
            await Task.WhenAny(Task.Delay(pause * (2 * random.NextDouble()), stop));
        }

        await Task.WhenAll(open);
    }

    private async Task CommandOnceAsync(Random random, SemaphoreSlim places)
    {
        try
        {
            if (await ChooseAsync(random) is { } command)
            {
                // A sender that is not sure sends it again; perhaps somebody else does, by another door.
                var times = random.Next(6) == 0 ? 2 : 1;
                await Task.WhenAll(Enumerable.Range(0, times).Select(_ => SendAsync(command, Door(command, random), new Random(random.Next()))).ToList());
            }
        }
        catch (NpgsqlException)
        {
            // The server is away; nobody knows what to command.
        }
        finally
        {
            places.Release();
        }
    }

    private async Task SendAsync(ChaosCommand command, IDoor door, Random random)
    {
        var answer = await door.SendAsync(command, random);
        record.SeeCommand(door.Name, answer.Outcome, $"{command} by {door.Name}: {answer.Outcome}{(answer.Outcome == "done" ? "" : $" {FirstLine(answer.Text)}")}");
        if (!answer.Explains)
        {
            record.Wrong(Wrongs.Answers, $"{command} by {door.Name}: {answer.Text}");
        }
    }

    private IDoor Door(ChaosCommand command, Random random)
    {
        var known = doors.Where(door => door.Knows(command)).ToList();
        var roll = random.Next(known.Sum(door => door.Weight));
        return known.First(door => (roll -= door.Weight) < 0);
    }

    private async Task<ChaosCommand?> ChooseAsync(Random random)
    {
        var projections = await _catalog.ReadAllAsync(CancellationToken.None);
        if (projections.Count == 0)
        {
            return null;
        }

        var projection = projections[random.Next(projections.Count)];
        var version = random.Next(1, 3);
        var verb = random.Next(4) == 0 ? Verbs[random.Next(Verbs.Length)] : Sensible(projection.Find(version)?.State ?? VersionState.Retired, random);
        return new ChaosCommand(verb, projection.Name.Value, version, Guid.NewGuid())
        {
            EventsPerSecond = random.Next(3) == 0 ? null : random.Next(500, 20_000),
            SwitchWhenReady = random.Next(4) == 0,
            Shards = InShards.Contains(projection.Name.Value) && random.Next(2) == 0 ? random.Next(2, 7) : null,
            Key = verb == "repair" ? await FindKeyAsync(projection.Name.Value, random) : "",
        };
    }

    /// <summary>What somebody who looks at a version in this state would do.</summary>
    private static string Sensible(VersionState state, Random random)
    {
        string[] verbs = state switch
        {
            VersionState.Retired => ["rebuild"],
            VersionState.Failed or VersionState.Paused => ["resume", "resume", "resume", "abort", "retire"],
            VersionState.Ready => ["switch", "switch", "switch", "verify", "pause", "abort"],
            VersionState.Standby => ["rollback", "switch", "retire", "retire", "verify", "repair", "pause"],
            VersionState.Live => ["verify", "repair", "rollback", "pause"],
            // To rebuild what is being rebuilt asks for more shards, or for nothing.
            _ => ["throttle", "throttle", "rebuild", "rebuild", "pause", "abort"],
        };
        return verbs[random.Next(verbs.Length)];
    }

    private async Task<string> FindKeyAsync(string projection, Random random)
    {
        await using var command = ground.Observer.CreateCommand(
            $"select coalesce((select {Keys[projection]}::text from {projection} offset $1 limit 1), '0')");
        command.Parameters.AddWithValue(random.Next(40));
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private static string FirstLine(string text) => text.Trim().Split('\n')[0];
}
