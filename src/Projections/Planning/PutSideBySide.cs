using System.Data;
using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Postgres;
using Projections.Switching;
using Projections.Switching.Queries;
using Projections.Tables;
using Projections.Verification;

namespace Projections.Planning;

/// <summary>Puts the live version and another side by side, for whoever decides on a switch. Both are read in one snapshot.</summary>
internal sealed class PutSideBySide(ProjectionSystem system)
{
    /// <summary>More than these nobody reads before a decision; <see cref="CompareQueries"/> looks at all.</summary>
    private const int Statements = 10;

    /// <param name="projection">The projection.</param>
    /// <param name="to">The other version; the only one beside the live one when <c>null</c>.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="OperationRefused">Nothing is live, or the version's table is not filled yet.</exception>
    public async Task<SideBySide> RunAsync(ProjectionName projection, int? to, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var snapshot = (await ProjectionCatalog.ReadAsync(connection, projection, cancellationToken)).SingleOrDefault();
        var other = CatalogCommand.Choose(projection, snapshot, to, "compare", version => version.HasTable && version.Role != VersionRole.Live);
        var view = await ReadName.ReadAsync(connection, system.Options.Schema, projection.Value, cancellationToken);
        var table = await ReadName.ReadAsync(connection, system.Options.Schema, other.Id.Table, cancellationToken);
        if (snapshot!.Live is not { } live || view is null || table is null || other.State.IsBuild() || other.Id == live.Id)
        {
            throw new OperationRefused(WhyNot(projection, snapshot, other));
        }

        var kept = snapshot.Contract is null ? null : view.Columns.Select(column => column.Name).ToList();
        var last = (await SwitchHistory.ReadAsync(connection, projection, 1, cancellationToken)).SingleOrDefault();
        return new SideBySide(
            projection,
            await SideAsync(connection, live, cancellationToken),
            await SideAsync(connection, other, cancellationToken),
            ReadNameChange.From(view.Columns, table.Columns, kept),
            await ComparedAsync(connection, live, other, cancellationToken),
            await ReaderSessions.FindAsync(connection, view, cancellationToken),
            !await OldSnapshots.AreVisibleAsync(connection, cancellationToken),
            (await ReadersQuery.FindAsync(connection, projection.Value, cancellationToken))?.Take(Statements).ToList(),
            last?.At,
            last?.Wait?.TotalMilliseconds);
    }

    private static string WhyNot(ProjectionName projection, ProjectionSnapshot snapshot, VersionSnapshot other) =>
        snapshot.Live is null ? $"Cannot compare {other.Id} with anything: no version of '{projection}' is live."
        : other.Id == snapshot.Live.Id ? $"Cannot compare {other.Id} with itself: it is the live one. Name another."
        : $"Cannot compare {other.Id} with v{snapshot.LiveVersion}: its table is not filled ({other.State.Text()}). Wait until it is ready.";

    private async Task<TableSide> SideAsync(NpgsqlConnection connection, VersionSnapshot version, CancellationToken cancellationToken)
    {
        var rows = await RowCount.OfAsync(connection, system.Options.Schema, version.Id.Table, cancellationToken);
        var figures = await TableFigures.ReadAsync(connection, SqlName.Quote(system.Options.Schema, version.Id.Table), cancellationToken);
        return new TableSide(version.Id.Number, version.Checkpoint, rows.Rows, rows.IsAbout, figures.Bytes, figures.IndexBytes);
    }

    private static async Task<RowsCompared?> ComparedAsync(NpgsqlConnection connection, VersionSnapshot live, VersionSnapshot other, CancellationToken cancellationToken) =>
        await Verifications.FindLastAsync(connection, live, other, cancellationToken) is { } last
            ? new RowsCompared(last.At, (await Verifications.ReadResultAsync(connection, last.Id, cancellationToken)).Hidden())
            : null;
}
