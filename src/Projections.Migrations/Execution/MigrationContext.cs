using Npgsql;
using Projections.Migrations.Tracking;

namespace Projections.Migrations.Execution;

/// <summary>What every run of a migration needs.</summary>
internal sealed record MigrationContext(
    NpgsqlDataSource Database,
    MigrationOptions Options,
    RunIdentity Identity,
    TimeProvider Time,
    IProgress<MigrationProgress> Progress)
{
    public LockRetry LockRetry => new(Options, Time);
}
