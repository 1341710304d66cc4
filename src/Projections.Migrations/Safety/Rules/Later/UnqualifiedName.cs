using Projections.Migrations.Parsing;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Later;

/// <summary>A table is created without its schema, where there are several.</summary>
internal sealed class UnqualifiedName() : SafetyRule("unqualified-name", SafetyGroup.Later, Severity.Notice)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        var schemas = statement.Origin.Relations.Values.Where(relation => relation.IsTable).Select(relation => relation.Schema).Distinct().Count();
        var at = statement.Statement.IndexOf("table");
        if (schemas < 2 || statement.Migration.EachTenant || !statement.Statement.StartsWith("create") || at < 0)
        {
            yield break;
        }

        var name = SqlNames.QualifiedAt(statement.Statement, SqlNames.SkipIfExists(statement.Statement, at + 1));
        if (!name.Contains('.', StringComparison.Ordinal) && statement.Changes.NewRelations.Any(relation => relation.IsTable))
        {
            yield return Find(statement, $"{name} goes to whichever schema comes first on the search path of the session; there are {schemas} with tables.", "Write the schema: billing.orders.");
        }
    }
}
