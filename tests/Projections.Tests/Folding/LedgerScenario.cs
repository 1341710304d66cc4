using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Projections.Events;

namespace Projections.Tests.Folding;

/// <summary>A history and a way of folding it, made of plain numbers so that a failing one can be made smaller.</summary>
/// <param name="History">An event each: its kind, two ids and an amount.</param>
/// <param name="Steps">What is done in turn: so many events folded, a commit, a crash. What is left of the history is folded at the end.</param>
/// <param name="Ids">How many rows there can be.</param>
/// <param name="Memory">Chooses the memory limit.</param>
internal sealed record LedgerScenario((byte Kind, byte First, byte Second, byte Amount)[] History, byte[] Steps, byte Ids, byte Memory)
{
    // From nothing stays in memory to everything does.
    private static readonly long[] Limits = [1, 2_000, 60_000, 100_000, Tables.VersionTable.NoLimit];

    public long MemoryBytes => Limits[Memory % Limits.Length];

    /// <summary>Any scenario with at most so many events.</summary>
    public static Arbitrary<LedgerScenario> Arbitrary(int longest)
    {
        var events = ArbMap.Default.GeneratorFor<(byte, byte, byte, byte)>();
        var bytes = ArbMap.Default.GeneratorFor<byte>();
        var scenarios =
            from length in Gen.Choose(0, longest)
            from history in events.ArrayOf(length)
            from steps in bytes.ArrayOf(40)
            from ids in bytes
            from memory in bytes
            select new LedgerScenario(history, steps, ids, memory);
        return Arb.From(scenarios, ArbMap.Default.ArbFor<LedgerScenario>().Shrinker);
    }

    /// <summary>The events as C# values; <c>null</c> for one that cannot be decoded.</summary>
    public IEnumerable<object?> Events() => History.Select(e => Event(e.Kind, Id(e.First), Id(e.Second), e.Amount % 20));

    public RecordedEvent[] Recorded() => [.. Events().Select((e, i) => Record(i + 1, $"ledger-{Id(History[i].First)}", e))];

    public override string ToString() =>
        $"memory {MemoryBytes}, steps [{string.Join(", ", Steps)}], history:\n{string.Join('\n', Recorded().Select(e => $"  {e.Position} {e.Type} {Encoding.UTF8.GetString(e.Data.Span)}"))}\n";

    private int Id(byte number) => number % (Ids + 1);

    private static object? Event(byte kind, int first, int second, int amount) => (kind % 24) switch
    {
        0 or 1 or 2 => new Opened(first, amount),
        3 or 4 => new Reopened(first, amount),
        5 or 6 or 7 or 8 => new Added(first, amount),
        9 => new Noted(first, amount == 5 ? "a\0b" : $"note{second}"),
        10 or 11 or 12 or 13 => new Counted(first, amount),
        14 => new Closed(first),
        15 => new Dropped(first),
        16 or 17 => new Transferred(first, second, amount),
        18 or 19 => new Shared([first, second, (first + second) / 2], amount),
        20 => new Swept([first, second]),
        21 => new Swept([first]),
        22 => null,
        _ => new NotHandled(),
    };

    private static RecordedEvent Record(long position, string stream, object? e)
    {
        // One string instance a type, as a source gives them.
        var name = e is null ? "opened" : string.Intern(e.GetType().Name.ToLowerInvariant());
        return Projections.Tests.Events.Recorded.Event(position, name, e is null ? """{"id":"none"}""" : JsonSerializer.Serialize(e, e.GetType()), new StreamId(stream));
    }

    private sealed record NotHandled;
}
