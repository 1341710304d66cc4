namespace Projections.House;

/// <summary>How the folders of the core, and of libraries beside it, depend on each other, read from their imports.</summary>
public sealed class RoomsTests
{
    /// <summary>What versions are declared with; they are there before anything runs.</summary>
    private static readonly string[] Declarations = ["Events", "Definitions", "Tables", "Statements", "Aggregates"];

    /// <summary>Rooms that import each other in a circle. What is here is to become less: take a room out when it has left its circle.</summary>
    private static readonly string[][] KnownCircles =
    [
        ["Aggregates", "Definitions", "Statements", "Tables"],
    ];

    private static readonly RoomPlan Core = PlanOf("Projections");

    [Fact]
    public void Declarations_know_nothing_of_engines() =>
        Core.Imports.Where(import => Declarations.Contains(import.From) && !Declarations.Contains(import.To)).ShouldBeEmpty();

    [Fact]
    public void No_room_comes_into_a_circle() =>
        Core.FindCircles().Where(circle => !KnownCircles.Any(known => circle.All(known.Contains))).Select(circle => string.Join(", ", circle)).ShouldBeEmpty();

    [Fact]
    public void A_room_that_has_left_its_circle_is_not_listed_any_more() =>
        KnownCircles.SelectMany(known => known).Except(Core.FindCircles().SelectMany(circle => circle)).ShouldBeEmpty();

    [Theory]
    [InlineData("Projections.Migrations")]
    public void No_rooms_of_a_library_import_each_other_in_a_circle(string library) =>
        PlanOf(library).FindCircles().Select(circle => string.Join(", ", circle)).ShouldBeEmpty();

    private static RoomPlan PlanOf(string project) => RoomPlan.Of(Path.Combine(Repository(), "src", project), project);

    // A build for release names no folder of the machine in its assemblies; the tests lie below the repository.
    private static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Projections.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
