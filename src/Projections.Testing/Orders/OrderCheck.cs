using Projections.Events;
using Projections.Testing.Folding;

namespace Projections.Testing.Orders;

/// <summary>Looks for a way to fold a history that gives other rows than the order given, and for the shortest case of it.</summary>
internal sealed class OrderCheck
{
    private readonly IFoldGround _ground;
    private readonly IElsewhere? _elsewhere;
    private readonly IReadOnlyList<RecordedEvent> _given;
    private readonly IReadOnlyList<RecordedEvent> _others;
    private readonly HashSet<string> _keysOfOthers = new(StringComparer.Ordinal);

    /// <param name="ground">Where events are folded.</param>
    /// <param name="elsewhere">Another process, or <c>null</c> where the version cannot be folded in one.</param>
    /// <param name="given">The events of the spec.</param>
    public OrderCheck(IFoldGround ground, IElsewhere? elsewhere, IReadOnlyList<RecordedEvent> given)
    {
        _ground = ground;
        _elsewhere = elsewhere;
        _given = given;
        _others = ground is IMemoryGround memory ? OthersFor(memory, given, _keysOfOthers) : [];
    }

    /// <summary>Tries one way after the other.</summary>
    /// <param name="plain">What the order given has come to.</param>
    /// <param name="courses">The ways.</param>
    public async ValueTask<OrderFault?> FindAsync(Outcome plain, IEnumerable<Course> courses)
    {
        foreach (var course in courses)
        {
            if (await DifferAsync(plain, new OrderCase(_given, _others, course)) is { } fault)
            {
                return await ShortenAsync(fault);
            }
        }

        return null;
    }

    private async ValueTask<OrderFault?> DifferAsync(Outcome plain, OrderCase tried)
    {
        var outcome = await FoldAsync(tried);
        return plain.FirstDifference(outcome, key => tried.HasOthers && _keysOfOthers.Contains(key)) is { } difference ? new OrderFault(tried, difference) : null;
    }

    private ValueTask<Outcome> FoldAsync(OrderCase tried) => tried.Course.Place switch
    {
        Place.OtherThread => new ValueTask<Outcome>(OtherThread.Run(() => CourseRun.RunAsync(_ground, tried.Given, tried.Course, []).AsTask().GetAwaiter().GetResult())),
        Place.OtherProcess => _elsewhere!.FoldAsync(tried.Given, tried.Others),
        _ => CourseRun.RunAsync(_ground, tried.Given, tried.Course, tried.HasOthers ? tried.Others : []),
    };

    /// <summary>Leaves out an event, an event of another stream or a happening at a time, as long as the rows go on to differ.</summary>
    private async ValueTask<OrderFault> ShortenAsync(OrderFault fault)
    {
        for (var shorter = fault; shorter is not null;)
        {
            fault = shorter;
            shorter = null;
            foreach (var smaller in fault.Case.Smaller())
            {
                if (await FailsAsync(smaller) is { } still)
                {
                    shorter = still;
                    break;
                }
            }
        }

        return fault;
    }

    private async ValueTask<OrderFault?> FailsAsync(OrderCase smaller)
    {
        if (smaller.HasOthers && _ground is IMemoryGround memory && memory.Probe(smaller.Others).Fails)
        {
            return null;
        }

        // What is left must be a history by itself: an event that fails for want of another says nothing about order.
        var plain = await CourseRun.RunAsync(_ground, smaller.Given, Course.Straight, []);
        return plain.Failures.Count > 0 ? null : await DifferAsync(plain, smaller);
    }

    private static List<RecordedEvent> OthersFor(IMemoryGround ground, IReadOnlyList<RecordedEvent> given, HashSet<string> keysOfOthers)
    {
        var keysOfGiven = ground.Probe(given).Keys;
        var found = new List<RecordedEvent>();
        foreach (var stream in given.Select(e => e.Stream).Distinct())
        {
            found.AddRange(OtherStreams.Kinds.Select(values => OtherStreams.Like(stream, given, values)).FirstOrDefault(IsApart, []));
        }

        var together = ground.Probe(found);
        keysOfOthers.UnionWith(together.Keys);
        return together.Fails ? [] : found;

        // Events that fold by themselves, into rows that those given have nothing to do with.
        bool IsApart(IReadOnlyList<RecordedEvent> events) => ground.Probe(events) is { Fails: false } probe && !probe.Keys.Overlaps(keysOfGiven);
    }
}
