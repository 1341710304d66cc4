using System.Data;
using System.Globalization;
using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.LateEvents;
using Projections.Postgres;
using Projections.Tables;

namespace Projections.Verification;

/// <summary>
/// Compares two versions of a projection row by row, at the same position and in one snapshot. Nothing is stopped for it: versions in
/// the lockstep are at one position in every snapshot.
/// </summary>
internal sealed class Verify(ProjectionSystem system)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    /// <param name="projection">The projection.</param>
    /// <param name="from">One version; the live one when <c>null</c>.</param>
    /// <param name="to">The other; the newest followed one beside it when <c>null</c>.</param>
    /// <param name="patience">How long to wait for the two to be at the same position, with all their late events.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Cancels the comparison.</param>
    /// <exception cref="OperationRefused">There are no two such versions, or they do not come to the same position in time.</exception>
    /// <exception cref="NotComparable">Their rows have no key in common, or declared changes do not fit their tables.</exception>
    public async Task<VerificationReport> RunAsync(
        ProjectionName projection, int? from, int? to, TimeSpan patience, Actor actor, CancellationToken cancellationToken)
    {
        var began = system.Time.GetTimestamp();
        while (true)
        {
            await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            var snapshot = (await ProjectionCatalog.ReadAsync(connection, projection, cancellationToken)).SingleOrDefault();
            var (earlier, later) = Choose(projection, snapshot, from, to);
            if ((WhyNotYet(earlier, later) ?? await WhatIsMissingAsync(connection, earlier, later, cancellationToken)) is { } reason)
            {
                if (system.Time.GetElapsedTime(began) + BetweenLooks > patience)
                {
                    throw new OperationRefused($"Cannot compare {earlier.Id} with v{later.Id.Number}: {reason}");
                }

                await transaction.DisposeAsync();
                await Task.Delay(BetweenLooks, system.Time, cancellationToken);
                continue;
            }

            return await CompareAsync(connection, transaction, earlier, later, actor, cancellationToken);
        }
    }

    /// <summary>What is compared of two versions whose tables the snapshot on the connection shows.</summary>
    internal async Task<ComparisonPlan> PlanAsync(NpgsqlConnection connection, VersionSnapshot earlier, VersionSnapshot later, CancellationToken cancellationToken) =>
        ComparisonPlan.Of(
            SqlName.Quote(system.Options.Schema, earlier.Id.Table),
            await ShapeAsync(connection, earlier.Id, cancellationToken),
            SqlName.Quote(system.Options.Schema, later.Id.Table),
            await ShapeAsync(connection, later.Id, cancellationToken),
            system.Registry.Find(later.Id)?.ChangesSince(earlier.Id.Number));

    private async Task<VerificationReport> CompareAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, VersionSnapshot earlier, VersionSnapshot later, Actor actor, CancellationToken cancellationToken)
    {
        var began = system.Time.GetTimestamp();
        var at = await connection.ScalarAsync<DateTime>("select clock_timestamp()", cancellationToken);
        var plan = await PlanAsync(connection, earlier, later, cancellationToken);
        var result = await new RowComparison(connection, plan).RunAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        var position = earlier.External || later.External ? null : later.Checkpoint;
        var report = new VerificationReport(earlier.Id.Projection, earlier.Id.Number, later.Id.Number, position, result, system.Time.GetElapsedTime(began));
        await Verifications.AddAsync(connection, report, earlier, later, at, actor, cancellationToken);
        return report;
    }

    private async Task<TableShape> ShapeAsync(NpgsqlConnection connection, VersionId version, CancellationToken cancellationToken) =>
        await TableShapes.ReadAsync(connection, system.Options.Schema, version.Table, cancellationToken)
        ?? throw new OperationRefused($"Cannot compare {version}: its table {SqlName.Quote(system.Options.Schema, version.Table)} is not there.");

    /// <summary>The two versions, that with the lower number first.</summary>
    internal static (VersionSnapshot Earlier, VersionSnapshot Later) Choose(ProjectionName projection, ProjectionSnapshot? snapshot, int? from, int? to)
    {
        var one = CatalogCommand.Choose(projection, snapshot, from ?? snapshot?.LiveVersion, "verify", version => version.HasTable && version.Id.Number != to);
        var other = to is { } number
            ? CatalogCommand.Choose(projection, snapshot, number, "verify", _ => false)
            : snapshot!.Versions.LastOrDefault(version => version.Id != one.Id && version.State != VersionState.Retired && (version.HasTable || version.External))
                ?? throw new OperationRefused($"Cannot verify '{projection}': {one.Id} is the only version that has a table. Build another first with 'projections rebuild {projection}', or compare it with its own events ('--against-events').");
        return one.Id == other.Id
            ? throw new OperationRefused($"Cannot compare {one.Id} with itself. Name two versions with '--from' and '--to'.", isMistake: true)
            : one.Id.Number < other.Id.Number ? (one, other) : (other, one);
    }

    private static string? WhyNotYet(VersionSnapshot earlier, VersionSnapshot later)
    {
        foreach (var version in (VersionSnapshot[])[earlier, later])
        {
            if (!version.External && (version.Checkpoint is null || version.State.IsBuild() || version.State == VersionState.Retired))
            {
                return $"{version.Id} is {version.State.Text()}, so its rows are not complete. Wait until it is ready.";
            }
        }

        return earlier.External || later.External || earlier.Checkpoint == later.Checkpoint
            ? null
            : $"v{earlier.Id.Number} ({earlier.State.Text()}) is at position {earlier.Checkpoint} and v{later.Id.Number} ({later.State.Text()}) at {later.Checkpoint}; rows can be compared only at the same position. Let a worker ('projections run') bring them together, or resume the one that stopped.";
    }

    /// <summary>A version that says itself that it lacks events would be found to differ by just those.</summary>
    private static async Task<string?> WhatIsMissingAsync(
        NpgsqlConnection connection, VersionSnapshot earlier, VersionSnapshot later, CancellationToken cancellationToken)
    {
        var counts = await LateEventList.CountAsync(connection, cancellationToken);
        foreach (var version in (VersionId[])[earlier.Id, later.Id])
        {
            var late = counts.GetValueOrDefault(version, LateEventCounts.None);
            var them = late.Waiting == 1 ? "it" : "them";
            if (late.Waiting > 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"the rows of {version} lack {late.Waiting} late event{(late.Waiting == 1 ? "" : "s")}, and ")
                    + (late.Problem is { } problem
                        ? $"cannot get {them}: {problem} Build it anew, or compare the other version with its own events ('--against-events')."
                        : $"get {them} as soon as a worker follows it. Compare again in a moment.");
            }
        }

        return null;
    }
}
