using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;
using Projections.Postgres;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>A role loses a right on something that stays, or the owner changes and with it who has all rights.</summary>
internal sealed class RightsRevoked() : SafetyRule("rights-revoked", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        var lost = statement.Before.Rights.Values.Where(right =>
            statement.Origin.Rights.ContainsKey(right.Key) && !right.IsHeldIn(statement.After) && statement.Losses.IsDenied(right));
        foreach (var role in lost.GroupBy(right => (right.Grantee, right.Name)))
        {
            yield return Find(
                statement,
                $"{(role.Key.Grantee.Length == 0 ? "Everybody" : $"The role {role.Key.Grantee}")} loses {Listed(role)} on {role.Key.Name}: running code that needs it fails at once.{statement.Losses.WordsOf(role)}",
                "Let the code that needs it go first, and take the right away in a later deployment, and say so in the file.");
        }

        foreach (var (before, after) in statement.Changes.KeptRelations.Where(pair => pair.Before.Owner != pair.After.Owner && pair.Before.IsTable && statement.Existed(pair.Before.Oid)))
        {
            yield return OfOwner(statement, before, after);
        }
    }

    private Finding OfOwner(ObservedStatement statement, CatalogRelation before, CatalogRelation after)
    {
        var lost = before.RightsOfOwner.Where(statement.Losses.IsDenied).ToList();
        return lost.Count == 0
            ? Find(
                statement, $"{after.Readable} belongs to {after.Owner} now. {before.Owner} reads and writes it as before, but can neither alter nor drop it unless it may act as {after.Owner}.",
                "Let whoever migrates be its owner, or a member of it.", null, before.Oid, severity: Severity.Notice)
            : Find(
                statement, $"{after.Readable} belongs to {after.Owner} now, and {before.Owner} loses {Listed(lost)} on it: running code that needs it fails at once.{statement.Losses.WordsOf(lost)}",
                "Grant the former owner what its code needs, in the same migration.",
                $"GRANT {Listed(lost)} ON {after.Quoted} TO {SqlName.Quote(before.Owner)};", before.Oid);
    }

    private static string Listed(IEnumerable<CatalogRight> rights) => string.Join(", ", rights.Select(right => right.Privilege).Order(StringComparer.Ordinal));
}
