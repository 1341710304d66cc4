using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using Projections.Events;
using Projections.Tables;

#pragma warning disable CA1840, CA2211, CA1305, CA1304, CA1311, CA2019, CA5394 // What is wrong with them is what they are for.

namespace Projections.Testing.Tests.Impure;

public sealed class AStaticCounter : Planted
{
    private static int count;

    protected override void Change(PlantedRow row, Event<Noted> e) => row.Number = ++count;
}

public sealed class AnInterlockedCounter : Planted
{
    private static long count;

    protected override void Change(PlantedRow row, Event<Noted> e) => row.Number = Interlocked.Increment(ref count);
}

public sealed class AStaticThatRemembersTheLastEvent : Planted
{
    private static string last = "";

    protected override void Change(PlantedRow row, Event<Noted> e)
    {
        row.Text = row.Text.Length == 0 ? e.Data.Text : last;
        last = e.Data.Text;
    }
}

public sealed class AFieldOfTheVersion : Planted
{
    private decimal _sum;

    protected override void Change(PlantedRow row, Event<Noted> e) => row.Number = _sum += e.Data.Amount;
}

public sealed class ACapturedVariable : Planted
{
    protected override void Define(FoldDefinition<Guid, PlantedRow> on)
    {
        var count = 0;
        on.Event<Noted>().ByStream().Upserts((row, _) => row.Number = ++count);
    }

    protected override void Change(PlantedRow row, Event<Noted> e)
    {
    }
}

public sealed class ALazyStaticMadeOfTheFirstEvent : Planted
{
    private static string? first;

    protected override void Change(PlantedRow row, Event<Noted> e) => row.Text = first ??= e.Data.Text;
}

public sealed class ACacheUnderTheWrongKey : Planted
{
    private static readonly ConcurrentDictionary<int, string> Cache = [];

    protected override void Change(PlantedRow row, Event<Noted> e) => row.Text = Cache.GetOrAdd(e.Data.Text.Length, _ => e.Data.Text);
}

public sealed class AListOfAllThatWasSeen : Planted
{
    private static readonly HashSet<string> Seen = [];

    protected override void Change(PlantedRow row, Event<Noted> e)
    {
        Seen.Add(e.Data.Text);
        row.Number = Seen.Count;
    }
}

public sealed class TheOrderOfADictionaryThatIsKept : Planted
{
    private static readonly Dictionary<string, int> Places = [];

    protected override void Change(PlantedRow row, Event<Noted> e)
    {
        Places.Remove(e.Data.Text);
        Places.Add(e.Data.Text, 1);
        row.Text = string.Join(",", Places.Keys.TakeLast(2));
    }
}

public sealed class TheOrderOfAHashtable : Planted
{
    protected override void Change(PlantedRow row, Event<Noted> e)
    {
        var words = new Hashtable();
        foreach (var word in "the quick brown fox jumps over a lazy dog".Split(' '))
        {
            words[word] = true;
        }

        row.Text = string.Join(' ', words.Keys.Cast<string>());
    }
}

public sealed class TheOrderOfAnImmutableSet : Planted
{
    protected override void Change(PlantedRow row, Event<Noted> e) => row.Text = string.Join(' ', "the quick brown fox jumps over a lazy dog".Split(' ').ToImmutableHashSet());
}

public sealed class TheHashCodeOfAText : Planted
{
    protected override void Change(PlantedRow row, Event<Noted> e) => row.Number = EqualityComparer<string>.Default.GetHashCode(e.Data.Text) % 1_000_000;
}

public sealed class TheHashCodeOfATuple : Planted
{
    protected override void Change(PlantedRow row, Event<Noted> e) => row.Number = (e.Data.Amount, 7).GetHashCode();
}

public sealed class TheIdentityOfAnObject : Planted
{
    protected override void Change(PlantedRow row, Event<Noted> e) => row.Number = RuntimeHelpers.GetHashCode(row);
}

public sealed class TheNumberOfAThread : Planted
{
    protected override void Change(PlantedRow row, Event<Noted> e) => row.Number = Thread.CurrentThread.ManagedThreadId;
}

public sealed class AFieldOfTheThread : Planted
{
    [ThreadStatic]
    private static int count;

    protected override void Change(PlantedRow row, Event<Noted> e) => row.Number = ++count;
}

public sealed class AnAsyncLocal : Planted
{
    private static readonly AsyncLocal<int> Count = new();

    protected override void Change(PlantedRow row, Event<Noted> e) => row.Number = ++Count.Value;
}

public sealed class TheCultureOfTheMachine : Planted
{
    protected override void Change(PlantedRow row, Event<Noted> e) => row.Text = e.Data.Amount.ToString();
}

public sealed class TheFolderOfTheProgram : Planted
{
    protected override void Change(PlantedRow row, Event<Noted> e) => row.Text = AppContext.BaseDirectory;
}

public sealed class TheEnvironmentByReflection : Planted
{
    protected override void Change(PlantedRow row, Event<Noted> e) =>
        row.Text = Type.GetType("System.Environment")!.GetProperty("ProcessId")!.GetValue(null)!.ToString()!;
}

public sealed class AVariableOfTheEnvironment : Planted
{
    protected override void Change(PlantedRow row, Event<Noted> e) => row.Text = Environment.GetEnvironmentVariable("LANG") ?? "none";
}

public sealed class TheTimeZoneOfTheMachine : Planted
{
    protected override void Change(PlantedRow row, Event<Noted> e) => row.Text = e.Time.ToLocalTime().ToString("HH:mm", CultureInfo.InvariantCulture);
}

public sealed class TheClock : Planted
{
    protected override void Change(PlantedRow row, Event<Noted> e) => row.Number = TimeProvider.System.GetUtcNow().Ticks;
}

public sealed class ANewGuid : Planted
{
    protected override void Change(PlantedRow row, Event<Noted> e) => row.Text = Guid.NewGuid().ToString();
}

public sealed class DiceWithAFixedSeed : Planted
{
    private static readonly Random Dice = new(42);

    protected override void Change(PlantedRow row, Event<Noted> e) => row.Number = Dice.Next();
}

public sealed class AWeakTableOfRows : Planted
{
    private static readonly ConditionalWeakTable<PlantedRow, StrongBox<int>> Counts = [];

    protected override void Change(PlantedRow row, Event<Noted> e) => row.Number = ++Counts.GetValue(row, _ => new StrongBox<int>()).Value;
}

public sealed class AMemberThatNoColumnKeeps : Planted
{
    protected override void Change(PlantedRow row, Event<Noted> e) => row.Number = ++row.Unmapped;
}

public sealed class APrivateFieldOfTheRow : Planted
{
    protected override void Change(PlantedRow row, Event<Noted> e) => row.Number = row.CountPrivately();
}

public sealed class ADefaultThatAllRowsShare : Planted
{
    private static readonly int[] Default = [0];

    protected override void Change(PlantedRow row, Event<Noted> e)
    {
        row.Items = row.Items.Length == 0 ? Default : row.Items;
        row.Items[0]++;
    }
}

public sealed class AnArrayThatIsKeptAndChanged : Planted
{
    private int[] _kept = [0];

    protected override void Change(PlantedRow row, Event<Noted> e)
    {
        _kept[0]++;
        row.Items = row.Items.Length == 0 ? _kept = [1] : row.Items;
    }
}

public sealed class ARowThatIsKept : Planted
{
    private PlantedRow _last = new();

    protected override void Change(PlantedRow row, Event<Noted> e)
    {
        _last.Number += e.Data.Amount;
        _last = row;
    }
}

public sealed class AnEventThatIsKept : Planted
{
    private Event<Noted>? _kept;

    protected override void Change(PlantedRow row, Event<Noted> e)
    {
        row.Text = row.Text.Length > 0 && _kept is { } kept ? kept.Time.ToString("O", CultureInfo.InvariantCulture) : "first";
        _kept = e;
    }
}

public sealed class AKeyThatChangesItsEvent : Planted
{
    protected override void Define(FoldDefinition<Guid, PlantedRow> on) => on.Event<Noted>()
        .By(e =>
        {
            e.Data.Seen++;
            return e.Stream.Guid;
        })
        .Upserts((row, e) => row.Number = e.Data.Seen);

    protected override void Change(PlantedRow row, Event<Noted> e)
    {
    }
}

public sealed class AnUpcasterThatGivesOneObjectToAll() : TableProjection<Guid, PlantedRow>("planted", 1, Types)
{
    private static readonly Noted Shared = new();

    private static readonly EventTypes Types = Events.EventTypes.Create(types => types.Map<Noted>("noted.v2").Upcast<NotedV1, Noted>("noted", _ => Shared));

    protected override void Define(FoldDefinition<Guid, PlantedRow> on) => on.Event<Noted>().ByStream().Upserts((row, e) => row.Number = ++e.Data.Seen);
}

public sealed class AConditionThatCounts : Planted
{
    private int _count;

    protected override void Define(FoldDefinition<Guid, PlantedRow> on) =>
        on.Event<Noted>().ByStream().Upserts((row, e) => row.Number += e.Data.Amount).DeletesWhen(_ => ++_count % 5 == 0);

    protected override void Change(PlantedRow row, Event<Noted> e)
    {
    }
}
