using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Projections.Events;

namespace Projections.Tests.Events;

/// <summary>Of which classes one object may be given to the handlers of several versions, whatever they do with it.</summary>
public sealed class UnchangeableTypesTests
{
    [Theory]
    [InlineData(typeof(Plain))]
    [InlineData(typeof(Nested))]
    [InlineData(typeof(Listing))]
    [InlineData(typeof(Tree))]
    [InlineData(typeof(Empty))]
    public void What_cannot_be_changed_once_it_is_made_is_shared(Type type) => UnchangeableTypes.Has(type).ShouldBeTrue();

    [Theory]
    [InlineData(typeof(WithSetter))]
    [InlineData(typeof(WithArray))]
    [InlineData(typeof(WithList))]
    [InlineData(typeof(WithChangeablePart))]
    [InlineData(typeof(ListingOfChangeable))]
    [InlineData(typeof(OfAnyClass))]
    [InlineData(typeof(ChosenByJson))]
    [InlineData(typeof(MadeByCode))]
    [InlineData(typeof(Derived))]
    public void What_a_handler_could_change_is_each_versions_own(Type type) => UnchangeableTypes.Has(type).ShouldBeFalse();

    private sealed record Plain(string Name, decimal Amount, Guid? Id, DateTimeOffset At, DayOfWeek? Day)
    {
        public decimal Half => Amount / 2;
    }

    private sealed record Nested(Plain Inner, Point At);

    private readonly record struct Point(int X, int Y);

    private sealed record Listing(IReadOnlyList<Plain> Lines, ImmutableArray<int> Numbers, IReadOnlyDictionary<string, int> Counts);

    private sealed record Tree(string Name, Tree? Left, Tree? Right);

    private sealed record Empty;

    private sealed class WithSetter
    {
        public string Name { get; set; } = "";
    }

    private sealed record WithArray(int[] Numbers);

    private sealed record WithList(List<string> Names);

    private sealed record WithChangeablePart(WithSetter Part);

    private sealed record ListingOfChangeable(IReadOnlyList<WithSetter> Parts);

    private sealed record OfAnyClass(object Anything);

    [JsonDerivedType(typeof(ChosenByJson), "one")]
    private sealed record ChosenByJson(int Number);

    [JsonConverter(typeof(JsonStringEnumConverter))]
    private sealed record MadeByCode(int Number);

    private record Base
    {
        public int Number { get; set; }
    }

    private sealed record Derived(string Name) : Base;
}
