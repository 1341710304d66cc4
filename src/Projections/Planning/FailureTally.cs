using System.Text.RegularExpressions;
using Projections.Definitions;

namespace Projections.Planning;

/// <summary>Gathers events that fail by type and error. Keys and numbers in the error count as the same.</summary>
internal sealed partial class FailureTally
{
    private readonly Dictionary<(string Type, string Error), FoldFailure> _failures = [];

    public IReadOnlyList<FoldFailure> All => [.. _failures.Values.OrderByDescending(failure => failure.Events)];

    public void Add(SetAsideEvent e)
    {
        var kind = (e.Type, Particulars().Replace(e.Error, "#"));
        _failures[kind] = _failures.TryGetValue(kind, out var known)
            ? known with { Events = known.Events + 1 }
            : new FoldFailure(e.Type, e.Stage, e.Error, 1, e.Position, e.Stream);
    }

    [GeneratedRegex(@"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|'[^']*'|\d+")]
    private static partial Regex Particulars();
}
