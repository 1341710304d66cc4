using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>A value of an enum gets another name while code uses the old one.</summary>
internal sealed class EnumValueRenamed() : SafetyRule("enum-value-renamed", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var (before, after) in statement.Changes.KeptTypes.Where(pair => statement.Origin.Types.ContainsKey(pair.Before.Oid)))
        {
            foreach (var (oid, label) in before.Labels.Where(pair => after.Labels.TryGetValue(pair.Key, out var now) && now != pair.Value))
            {
                yield return Find(
                    statement, $"'{label}' of {after.Name} is called '{after.Labels[oid]}' now: code that writes or compares the old value fails at once.",
                    "Add the new value, let code understand both, move the rows by a backfill, and leave the old value unused.",
                    $"ALTER TYPE {after.Name} ADD VALUE '{after.Labels[oid].Replace("'", "''", StringComparison.Ordinal)}' AFTER '{label.Replace("'", "''", StringComparison.Ordinal)}';");
            }
        }
    }
}
