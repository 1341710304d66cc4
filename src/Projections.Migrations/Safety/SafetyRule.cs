using Projections.Migrations.Files;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety;

/// <summary>One thing that can be unsafe about a statement. A rule looks at one observed statement and knows nothing of other rules.</summary>
/// <param name="id">Its stable id, by which a file can allow it.</param>
/// <param name="group">Whom it protects.</param>
/// <param name="severity">How much its findings weigh.</param>
internal abstract class SafetyRule(string id, SafetyGroup group, Severity severity)
{
    public string Id { get; } = id;

    public SafetyGroup Group { get; } = group;

    public Severity Severity { get; } = severity;

    /// <summary>Whether it applies to the way back as well, where code that breaks is the code that is being withdrawn.</summary>
    public virtual bool JudgesDown => Group == SafetyGroup.Blocks;

    public abstract IEnumerable<Finding> Judge(ObservedStatement statement);

    protected Finding Find(
        ObservedStatement statement, string what, string way, string? sql = null, uint table = 0, Work work = Work.Moment, Severity? severity = null) => new()
    {
        RuleId = Id,
        Group = Group,
        Severity = severity ?? Severity,
        Direction = statement.Direction,
        Path = statement.File.Path,
        Line = statement.Statement.Line,
        What = what,
        Way = way,
        Sql = sql,
        Table = table == 0 ? null : statement.QuotedNameOf(table),
        Work = work,
    };
}
