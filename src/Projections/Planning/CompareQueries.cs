using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Switching.Queries;

namespace Projections.Planning;

/// <summary>Says which statements of readers would fail, scan or grow behind a version, without running any.</summary>
internal sealed class CompareQueries(ProjectionSystem system)
{
    /// <param name="projection">The projection.</param>
    /// <param name="to">The version; the newest beside the live one when <c>null</c>.</param>
    /// <param name="queries">The statements; those that the database has seen when <c>null</c>.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="OperationRefused">Nothing is live, the version's table is not filled yet, or it is not known what readers send.</exception>
    public async Task<QueryReport> RunAsync(ProjectionName projection, int? to, IReadOnlyList<ReadersQuery>? queries, CancellationToken cancellationToken)
    {
        var snapshot = await system.Catalog.ReadAsync(projection, cancellationToken);
        var version = CatalogCommand.Choose(projection, snapshot, to, "compare the plans of", candidate => candidate.HasTable && candidate.Role != VersionRole.Live);
        if (snapshot!.Live is null || !version.HasTable || version.State.IsBuild())
        {
            throw snapshot.Live is null ? NobodyReads(projection) : new OperationRefused($"Cannot compare plans: the table of {version.Id} is not filled yet. Wait until it is ready.");
        }

        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        queries ??= await ReadersQuery.FindAsync(connection, projection.Value, cancellationToken)
            ?? throw new OperationRefused("The database keeps no account of statements. Load pg_stat_statements (shared_preload_libraries) and create the extension in this database, or give the statements in a file.");
        return await system.Queries.CompareAsync(connection, snapshot, version.Id, keepContract: false, queries, cancellationToken) ?? throw NobodyReads(projection);
    }

    private static OperationRefused NobodyReads(ProjectionName projection) => new($"Cannot compare plans: nobody reads '{projection}' yet, as no version is live.");
}
