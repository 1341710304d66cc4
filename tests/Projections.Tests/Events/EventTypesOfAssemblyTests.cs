using Projections.Events;
using Projections.Tests.Aggregates;

namespace Projections.Tests.Events;

public sealed class EventTypesOfAssemblyTests
{
    /// <summary>What the two expressions make of names by which Marten parts them.</summary>
    public static TheoryData<string, string> MartenNames => new()
    {
        { "InvoiceIssued", "invoice_issued" },
        { "Invoice", "invoice" },
        { "HTTPCallMade", "http_call_made" },
        { "OrderV2Placed", "order_v2_placed" },
        { "Line2Added", "line_2_added" },
        { "LineAddedV1", "line_added_v1" },
        { "PaidByEC", "paid_by_ec" },
        { "A", "a" },
        { "ABTested", "ab_tested" },
        { "Line_Added", "line___added" },
        { "lowerCase", "lower_case" },
    };

    [Fact]
    public void All_classes_of_a_marker_are_named_by_a_rule_in_one_line()
    {
        EventTypes.FromAssemblyOf<IOrderEvent>(EventNames.Marten).Names.Order().ShouldBe(["cancelled", "commented", "complained", "paid", "placed", "shipped"]);
        EventTypes.FromAssemblyOf<IOrderEvent>(EventNames.Emmett).NamesOf(typeof(Placed)).ShouldBe(["Placed"]);
        EventTypes.FromAssemblyOf<IOrderEvent>(EventNames.Kurrent).NamesOf(typeof(Placed)).ShouldBe(["Projections.Tests.Aggregates.Placed"]);
    }

    [Fact]
    public void All_classes_of_a_namespace_are_named_by_a_rule()
    {
        var types = EventTypes.Create(types => types.MapNamespace(typeof(Spaces.Events.Started).Assembly, "Projections.Tests.Events.Spaces.Events", EventNames.Marten));

        types.Names.Order().ShouldBe(["ended", "inner", "started"]);
    }

    [Fact]
    public void What_is_named_by_itself_goes_before_the_rule()
    {
        var types = EventTypes.Create(types => types
            .MapAll<IOrderEvent>(EventNames.Marten)
            .Map<Placed>("order_placed")
            .Upcast<Complained, Commented>("moaned", old => new Commented(old.Text)));

        types.Names.Order().ShouldBe(["cancelled", "commented", "moaned", "order_placed", "paid", "shipped"]);
        types.NamesOf(typeof(Commented)).ShouldBe(["commented", "moaned"]);
    }

    [Fact]
    public void Classes_that_clash_or_have_no_name_are_all_named() =>
        Should.Throw<EventTypesInvalid>(() => EventTypes.FromAssemblyOf<IClashing>(EventNames.Marten)).Errors.ShouldBe(
        [
            "Wrapped<...> is generic, and so has no name of its own. Map each type that is made of it: Map<Wrapped<...>>(\"...\"), and leave the rest out.",
            "Projections.Tests.Events.Clashing and Projections.Tests.Events.EventTypesOfAssemblyTests+Clashing would both be named 'clashing'. Map all but one by Map<...>(\"...\"), or use a rule that tells them apart.",
        ]);

    [Fact]
    public void Nested_classes_are_told_apart_by_the_rules_that_name_the_class_around_them()
    {
        EventNames.MartenSmarter(typeof(Clashing)).ShouldBe("event_types_of_assembly_tests.clashing");
        EventNames.MartenFull(typeof(Clashing)).ShouldBe("Projections.Tests.Events.EventTypesOfAssemblyTests.Clashing");
        EventNames.Kurrent(typeof(Clashing)).ShouldBe("Projections.Tests.Events.EventTypesOfAssemblyTests+Clashing");
    }

    [Fact]
    public void A_marker_that_nothing_has_is_named() =>
        Should.Throw<EventTypesInvalid>(() => EventTypes.FromAssemblyOf<INobodys>(EventNames.Marten)).Errors.Single()
            .ShouldBe("No class in Projections.Tests is a INobodys. Name the interface, base class or namespace of the events, and the assembly that they are in.");

    [Theory]
    [MemberData(nameof(MartenNames))]
    public void A_name_is_parted_as_Marten_does(string name, string expected) => EventNames.Marten(new NamedType(name)).ShouldBe(expected);

    internal interface INobodys;

    internal interface IClashing;

    internal sealed record Clashing : IClashing;

    internal sealed record Wrapped<T>(T Value) : IClashing;

    private sealed class NamedType(string name) : System.Reflection.TypeDelegator(typeof(object))
    {
        public override string Name => name;
    }
}
