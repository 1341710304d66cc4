using Projections.Migrations.Files;
using Projections.Migrations.Tracking;

namespace Projections.Migrations.Execution;

/// <summary>One way of running a migration: as one transaction, statement by statement, or batch by batch.</summary>
internal interface IMigrationRun
{
    /// <param name="migration">What to run.</param>
    /// <param name="direction">Which of its files.</param>
    /// <param name="target">Where.</param>
    /// <param name="tracked">Its row, when it has one: always on the way down, and on the way up after an interruption.</param>
    /// <param name="cancellationToken">Breaks it off; what is not committed is rolled back.</param>
    /// <exception cref="MigrationFailed">A statement failed.</exception>
    Task RunAsync(
        Migration migration, Direction direction, MigrationTarget target, TrackedMigration? tracked, CancellationToken cancellationToken);
}
