using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>A schema is dropped.</summary>
internal sealed class SchemaDropped() : SafetyRule("schema-dropped", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var (_, name) in statement.Before.Schemas.Where(pair => !statement.After.Schemas.ContainsKey(pair.Key) && statement.Origin.Schemas.ContainsKey(pair.Key)))
        {
            yield return Find(
                statement, $"The schema {name} is gone: code that names it, or has it on its search path, fails at once.",
                "First deploy code that does not use it any more, then drop it, and say so in the file.",
                $"-- safety: allow {Id} \"nobody uses it since …\"");
        }
    }
}
