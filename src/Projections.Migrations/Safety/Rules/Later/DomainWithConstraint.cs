using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Later;

/// <summary>A new domain has a condition, which cannot be changed without checking every table that uses it.</summary>
internal sealed class DomainWithConstraint() : SafetyRule("domain-with-constraint", SafetyGroup.Later, Severity.Notice)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var type in statement.Changes.NewTypes.Where(type => type.IsDomain && (type.IsRequired || statement.After.Constraints.Values.Any(constraint => constraint.Domain == type.Oid))))
        {
            yield return Find(statement, $"The condition of the domain {type.Name} is checked in every table that uses it whenever it changes.", "Put the condition on the tables, where it can be added NOT VALID.");
        }
    }
}
