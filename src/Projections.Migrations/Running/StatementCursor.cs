using Projections.Migrations.Files;

namespace Projections.Migrations.Running;

/// <summary>Which statement is running, so that a failure can name it.</summary>
internal sealed class StatementCursor(SqlStatement first)
{
    public SqlStatement Statement { get; set; } = first;
}
