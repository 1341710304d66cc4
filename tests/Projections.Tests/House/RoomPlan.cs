using System.Text.RegularExpressions;

namespace Projections.House;

/// <summary>The folders of a project, and which imports which.</summary>
/// <param name="Imports">Each that there is, once.</param>
internal sealed record RoomPlan(IReadOnlySet<(string From, string To)> Imports)
{
    /// <param name="folder">The project's folder. What lies in it itself is no room.</param>
    /// <param name="root">The namespace of the project; a room's begins with it.</param>
    public static RoomPlan Of(string folder, string root)
    {
        // A room that was moved away leaves an empty folder behind where something had been built in it.
        var rooms = Directory.GetDirectories(folder).Where(path => Directory.EnumerateFiles(path, "*.cs", SearchOption.AllDirectories).Any())
            .Select(path => Path.GetFileName(path)!).Except(["bin", "obj"]).ToHashSet(StringComparer.Ordinal);
        var imports =
            from room in rooms
            from file in Directory.EnumerateFiles(Path.Combine(folder, room), "*.cs", SearchOption.AllDirectories)
            from Match import in Regex.Matches(File.ReadAllText(file), $@"^using {Regex.Escape(root)}\.(\w+)", RegexOptions.Multiline)
            let other = import.Groups[1].Value
            where other != room && rooms.Contains(other)
            select (room, other);
        return new RoomPlan(imports.ToHashSet());
    }

    /// <summary>The rooms of each circle: from each of them one comes to each other, and back.</summary>
    public IReadOnlyList<IReadOnlyList<string>> FindCircles()
    {
        var reach = Imports.Select(import => import.From).Distinct().ToDictionary(room => room, ReachedFrom);
        var circles = reach.Where(room => room.Value.Contains(room.Key))
            .Select(room => room.Value.Where(other => reach.GetValueOrDefault(other)?.Contains(room.Key) == true).Order(StringComparer.Ordinal).ToList());
        return [.. circles.DistinctBy(circle => string.Join(' ', circle))];
    }

    private HashSet<string> ReachedFrom(string room)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([room]);
        while (open.TryPop(out var next))
        {
            foreach (var (_, to) in Imports.Where(import => import.From == next && reached.Add(import.To)))
            {
                open.Push(to);
            }
        }

        return reached;
    }
}
