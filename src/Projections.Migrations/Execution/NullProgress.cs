namespace Projections.Migrations.Execution;

/// <summary>Nobody watches.</summary>
internal sealed class NullProgress : IProgress<MigrationProgress>
{
    public void Report(MigrationProgress value)
    {
    }
}
