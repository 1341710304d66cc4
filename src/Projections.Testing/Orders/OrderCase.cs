using Projections.Events;
using Projections.Testing.Folding;

namespace Projections.Testing.Orders;

/// <summary>A history and a way to fold it.</summary>
/// <param name="Given">The events of the spec, or some of them.</param>
/// <param name="Others">Events of other streams.</param>
/// <param name="Course">The way.</param>
internal sealed record OrderCase(IReadOnlyList<RecordedEvent> Given, IReadOnlyList<RecordedEvent> Others, Course Course)
{
    /// <summary>Whether the other streams have a part in it.</summary>
    public bool HasOthers => Course.Place == Place.OtherProcess || Course.Incidents.Any(incident => incident.What == Happening.OthersCome);

    /// <summary>Cases with less in them, those with much less first.</summary>
    public IEnumerable<OrderCase> Smaller()
    {
        foreach (var (start, count) in Cuts(Given.Count))
        {
            yield return this with
            {
                Given = [.. Given.Take(start), .. Given.Skip(start + count)],
                Course = Enumerable.Range(0, count).Aggregate(Course, (course, _) => course.Without(start)),
            };
        }

        foreach (var (start, count) in Cuts(HasOthers ? Others.Count : 0))
        {
            yield return this with { Others = [.. Others.Take(start), .. Others.Skip(start + count)] };
        }

        for (var incident = 0; incident < Course.Incidents.Count; incident++)
        {
            yield return this with { Course = Course with { Incidents = [.. Course.Incidents.Where((_, i) => i != incident)] } };
        }
    }

    private static IEnumerable<(int Start, int Count)> Cuts(int length)
    {
        for (var count = length / 2; count > 0; count /= 2)
        {
            for (var start = length - count; start >= 0; start -= count)
            {
                yield return (start, count);
            }
        }

        if (length == 1)
        {
            yield return (0, 1);
        }
    }
}

/// <summary>A way to fold a history that gives other rows than its order does.</summary>
/// <param name="Case">The history and the way.</param>
/// <param name="Difference">A row that differs.</param>
internal sealed record OrderFault(OrderCase Case, Difference Difference);

/// <summary>A version folded where nothing of this process is.</summary>
internal interface IElsewhere
{
    /// <summary>Folds the events of a spec after those of other streams, which have rows of their own.</summary>
    /// <returns>The rows of the spec's events.</returns>
    ValueTask<Outcome> FoldAsync(IReadOnlyList<RecordedEvent> given, IReadOnlyList<RecordedEvent> others);
}
