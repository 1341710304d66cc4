using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Later;

/// <summary>A name of more than 63 bytes, which PostgreSQL cuts.</summary>
internal sealed class NameTooLong() : SafetyRule("name-too-long", SafetyGroup.Later, Severity.Warning)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var message in statement.Messages.Where(message => message.StartsWith("identifier ", StringComparison.Ordinal) && message.Contains("will be truncated", StringComparison.Ordinal)).Distinct())
        {
            yield return Find(statement, $"PostgreSQL says: {message}. Two long names may become the same.", "Choose a name of at most 63 bytes.");
        }
    }
}
