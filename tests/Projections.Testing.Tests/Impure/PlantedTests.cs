using Projections.Tables;

namespace Projections.Testing.Tests.Impure;

/// <summary>Handlers that are not pure, each in a way of its own: every one is found.</summary>
public sealed class PlantedTests
{
    private static readonly Guid Stream = new("0198a1f0-0000-7000-8000-000000000001");

    public static TheoryData<string> Names => [.. typeof(PlantedTests).Assembly.GetTypes()
        .Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(TableProjection<Guid, PlantedRow>)))
        .Select(type => type.Name)
        .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_handler_that_is_not_pure_is_found(string name)
    {
        var version = (TableProjection<Guid, PlantedRow>)Activator.CreateInstance(typeof(PlantedTests).Assembly.GetType($"{typeof(PlantedTests).Namespace}.{name}")!)!;
        var spec = ProjectionSpec.For(version)
            .GivenStored(Stream, "noted", """{"text":"alpha","amount":10.5}""")
            .GivenStored(Stream, "noted", """{"text":"beta","amount":2.25}""")
            .GivenStored(Stream, "noted", """{"text":"gamma","amount":3.75}""");

        var found = Should.Throw<ProjectionSpecFailed>(() => spec.ThenRows(_ => { }));

        found.Message.ShouldStartWith($"planted v1: the row {Stream} depends on more than its events: it comes out otherwise ");
        found.Message.ShouldContain("the shortest case (");
    }
}
