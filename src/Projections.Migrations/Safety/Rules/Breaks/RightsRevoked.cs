using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>A role loses a right on something that stays, or the owner changes and with it who has all rights.</summary>
internal sealed class RightsRevoked() : SafetyRule("rights-revoked", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        var lost = statement.Before.Rights.Values.Where(right =>
            statement.Origin.Rights.ContainsKey(right.Key) && !right.IsHeldIn(statement.After) && !right.IsHeldIn(statement.Final)
            && right.IsOn(statement.After));
        foreach (var role in lost.GroupBy(right => (right.Grantee, right.Name)))
        {
            yield return Find(
                statement,
                $"{(role.Key.Grantee.Length == 0 ? "Everybody" : $"The role {role.Key.Grantee}")} loses {string.Join(", ", role.Select(right => right.Privilege).Order(StringComparer.Ordinal))} on {role.Key.Name}: running code that needs it fails at once.",
                "Let the code that needs it go first, and take the right away in a later deployment, and say so in the file.");
        }

        foreach (var (before, after) in statement.Changes.KeptRelations.Where(pair => pair.Before.Owner != pair.After.Owner && pair.Before.IsTable && statement.Existed(pair.Before.Oid)))
        {
            yield return Find(
                statement, $"{after.Readable} belongs to {after.Owner} now, and {before.Owner} keeps only what it is granted.",
                "Grant the former owner what its code needs, in the same migration.", null, before.Oid, severity: Severity.Notice);
        }
    }
}
