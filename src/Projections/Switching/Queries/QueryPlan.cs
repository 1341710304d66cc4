using System.Text.Json;

namespace Projections.Switching.Queries;

/// <summary>What the planner means to do for a statement, whatever its values are.</summary>
/// <param name="Cost">The planner's cost of all of it.</param>
/// <param name="Scanned">The tables that are read from end to end.</param>
/// <param name="Columns">The columns that it returns, each with its type: what a prepared statement must not change.</param>
/// <param name="ParameterTypes">The types of <c>$1</c>, <c>$2</c> …, as the planner made them out or was told.</param>
internal sealed record QueryPlan(double Cost, IReadOnlySet<string> Scanned, IReadOnlyList<string> Columns, IReadOnlyList<string> ParameterTypes)
{
    /// <summary>Reads what <c>EXPLAIN (FORMAT JSON)</c> says.</summary>
    public static QueryPlan Parse(string explained, IReadOnlyList<string> columns, IReadOnlyList<string> parameterTypes)
    {
        using var document = JsonDocument.Parse(explained);
        var top = document.RootElement[0].GetProperty("Plan");
        var scanned = new HashSet<string>();
        FindScans(top, scanned);
        return new QueryPlan(top.GetProperty("Total Cost").GetDouble(), scanned, columns, parameterTypes);
    }

    private static void FindScans(JsonElement node, HashSet<string> scanned)
    {
        if (node.GetProperty("Node Type").GetString() == "Seq Scan")
        {
            scanned.Add(node.GetProperty("Relation Name").GetString()!);
        }

        if (node.TryGetProperty("Plans", out var below))
        {
            foreach (var child in below.EnumerateArray())
            {
                FindScans(child, scanned);
            }
        }
    }
}
