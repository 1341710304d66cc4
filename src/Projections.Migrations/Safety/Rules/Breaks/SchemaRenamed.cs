using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>A schema gets another name while code uses the old one.</summary>
internal sealed class SchemaRenamed() : SafetyRule("schema-renamed", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var (oid, name) in statement.Before.Schemas.Where(pair =>
            statement.Origin.Schemas.ContainsKey(pair.Key) && statement.After.Schemas.TryGetValue(pair.Key, out var now) && now != pair.Value))
        {
            yield return Find(
                statement, $"The schema {name} is called {statement.After.Schemas[oid]} now: code that names the old one fails at once.",
                "Create the new schema with views over the old one's tables, let code change over, and then move the tables.");
        }
    }
}
