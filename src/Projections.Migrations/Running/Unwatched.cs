namespace Projections.Migrations.Running;

/// <summary>Nobody watches.</summary>
internal sealed class Unwatched : IProgress<MigrationProgress>
{
    public void Report(MigrationProgress value)
    {
    }
}
