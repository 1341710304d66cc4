using Projections.TestServers;

namespace Projections.House;

/// <summary>How the folders of the core, and of libraries beside it, depend on each other, read from their imports.</summary>
public sealed class RoomsTests
{
    /// <summary>What versions are declared with; they are there before anything runs.</summary>
    private static readonly string[] Declarations = ["Events", "Definitions", "Tables", "SqlProjections", "Aggregates", "Reactions"];

    private static readonly RoomPlan Core = PlanOf("Projections");

    [Fact]
    public void Declarations_know_nothing_of_engines() =>
        Core.Imports.Where(import => Declarations.Contains(import.From) && !Declarations.Contains(import.To)).ShouldBeEmpty();

    [Theory]
    [InlineData("Projections")]
    [InlineData("Projections.Migrations")]
    public void No_rooms_import_each_other_in_a_circle(string project) =>
        PlanOf(project).FindCircles().Select(circle => string.Join(", ", circle)).ShouldBeEmpty();

    private static RoomPlan PlanOf(string project) => RoomPlan.Of(Path.Combine(Repository.Folder, "src", project), project);
}
