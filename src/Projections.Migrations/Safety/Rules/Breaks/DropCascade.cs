using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>CASCADE drops objects that the statement does not name.</summary>
internal sealed class DropCascade() : SafetyRule("drop-cascade", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        if (!statement.Statement.Has("cascade") || !(statement.Statement.StartsWith("drop") || statement.Statement.Has("drop")))
        {
            yield break;
        }

        var gone = statement.Changes.GoneRelations.Where(relation => relation.Kind is not ('i' or 'I' or 'S' or 't')).Select(relation => (relation.Name, Text: relation.Readable))
            .Concat(statement.Changes.GoneConstraints.Where(constraint => constraint.Kind != 'n' && statement.After.Relations.ContainsKey(constraint.Table)).Select(constraint => (constraint.Name, Text: $"{constraint.Name} of {statement.NameOf(constraint.Table)}")))
            .Concat(statement.Changes.GoneColumns.Select(column => (column.Name, Text: $"{statement.NameOf(column.Table)}.{column.Name}")))
            .Concat(statement.Changes.GoneRoutines.Select(routine => (Name: routine.Signature.Split('(')[0].Split('.')[^1], Text: routine.Signature)))
            .Where(thing => !statement.Statement.Tokens.Any(token => token.IsName && token.Name == thing.Name))
            .Select(thing => thing.Text).ToList();
        yield return Find(
            statement,
            gone.Count == 0
                ? "On the copy CASCADE dropped nothing beyond what the statement names; elsewhere it may."
                : $"CASCADE also dropped {string.Join(", ", gone)}.",
            "Name what is to be dropped, each in its own statement, without CASCADE.", severity: gone.Count == 0 ? Severity.Notice : Severity.Error);
    }
}
