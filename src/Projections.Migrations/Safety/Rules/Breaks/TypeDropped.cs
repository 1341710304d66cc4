using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>An enum or a domain is dropped or gets another name.</summary>
internal sealed class TypeDropped() : SafetyRule("type-dropped", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var type in statement.Changes.GoneTypes.Where(type => statement.Origin.Types.ContainsKey(type.Oid)))
        {
            yield return Find(
                statement, $"The type {type.Name} is gone: code that casts to it or writes its values fails at once. An enum loses a value only in this way.",
                "First deploy code that does not name it any more, then drop it, and say so in the file.",
                $"-- safety: allow {Id} \"nobody uses it since …\"");
        }

        foreach (var (before, after) in statement.Changes.KeptTypes.Where(pair => pair.Before.Name != pair.After.Name && statement.Origin.Types.ContainsKey(pair.Before.Oid)))
        {
            yield return Find(
                statement, $"The type {before.Name} is called {after.Name} now: code that names the old one fails at once.",
                "Leave the name; or create a second type, and change columns over like any other change of type.");
        }
    }
}
