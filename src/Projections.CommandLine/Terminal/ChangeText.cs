using Projections.Switching;

namespace Projections.CommandLine.Terminal;

/// <summary>What a switch does to the read name's columns, in words.</summary>
internal static class ChangeText
{
    public static string Of(ReadNameChange change)
    {
        var manner = change.Manner switch
        {
            ChangeManner.Created => "the view is created",
            ChangeManner.Replaced when change.Gained.Count == 0 => "the view is replaced in place; no prepared statement notices",
            ChangeManner.Replaced => "the view is replaced in place; a prepared SELECT * fails until it is prepared anew, no other statement notices",
            _ => $"the view is dropped and created in one transaction; a prepared SELECT *{(change.Retyped.Count > 0 ? " or one that returns a retyped column" : "")} fails until it is prepared anew, other statements live on",
        };
        return string.Join("; ", new[] { manner, List("lost", change.Lost), List("retyped", change.Retyped), List("gained", change.Manner == ChangeManner.Created ? [] : change.Gained) }
            .Where(part => part.Length > 0));
    }

    private static string List(string what, IReadOnlyList<string> columns) => columns.Count == 0 ? "" : $"{what}: {string.Join(", ", columns)}";
}
