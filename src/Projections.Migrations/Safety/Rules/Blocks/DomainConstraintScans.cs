using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>A domain gets a condition, and every table with a column of it is checked.</summary>
internal sealed class DomainConstraintScans() : SafetyRule("domain-constraint-scans", SafetyGroup.Blocks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        var domains = statement.Changes.NewConstraints.Where(constraint => constraint is { IsValidated: true, Domain: not 0 }).Select(constraint => constraint.Domain)
            .Concat(statement.Changes.KeptTypes.Where(pair => pair.After.IsRequired && !pair.Before.IsRequired).Select(pair => pair.After.Oid))
            .Where(statement.Origin.Types.ContainsKey);
        var scanned = statement.Activity.Where(pair => pair.Value.Scans > 0 && statement.Existed(pair.Key)).Select(pair => pair.Key).ToList();
        foreach (var domain in scanned.Count == 0 ? [] : domains.Distinct())
        {
            yield return Find(
                statement,
                $"PostgreSQL went through {string.Join(", ", scanned.Select(statement.NameOf))}, which have columns of the domain {statement.After.Types[domain].Name}, while it held {statement.LockOn(scanned[0]).Name()} on them: writers wait.",
                "Add the constraint NOT VALID, and validate it in the next migration; better still, put conditions on the tables instead of on a domain.",
                null, scanned[0], Work.Scan);
        }
    }
}
