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
/// Compares two versions of a projection row by row. Nothing is stopped for it: versions in the lockstep are at one position in every snapshot. So
/// each range of keys is compared in a short snapshot of its own, and none holds vacuum back for long.
/// </summary>
/// <remarks>
/// The ranges together prove as much as one snapshot would: a row that agreed at the position of its range is changed afterwards by both versions' handlers, from
/// the same events. That holds where a row depends on nothing but its events and itself. SQL statements may carry a row from keys that are not compared
/// yet to others that are, and so may another program: their tables are compared in one snapshot.
/// <para>No snapshot shows rows on several servers at one moment. Where a table is distributed, rows that agree count as they are seen, and those that differ are looked at
/// once more, by their keys, in a <see cref="Standstill"/>.</para>
/// </remarks>
internal sealed class Verify(ProjectionSystem system)
{
    /// <summary>How often it is tried to look once more at rows that differ, at most.</summary>
    private const int MostStandstills = 20;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    /// <summary>In which steps the tables are compared.</summary>
    public ComparisonPace Pace { get; init; } = ComparisonPace.Usual;

    /// <param name="projection">The projection.</param>
    /// <param name="from">One version; the live one when <c>null</c>.</param>
    /// <param name="to">The other; the newest followed one beside it when <c>null</c>.</param>
    /// <param name="patience">How long to wait for the two to be at the same position, with all their late events; for each range of keys anew.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Cancels the comparison; who asks for the same within ten minutes goes on where it was.</param>
    /// <exception cref="OperationRefused">There are no two such versions, or they do not come to the same position in time.</exception>
    /// <exception cref="NotComparable">Their rows have no key in common, or declared changes do not fit their tables.</exception>
    public async Task<VerificationReport> RunAsync(
        ProjectionName projection, int? from, int? to, TimeSpan patience, Actor actor, CancellationToken cancellationToken)
    {
        var began = system.Time.GetTimestamp();
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        VersionComparison? comparison = null;
        var rest = TimeSpan.Zero;
        var standstills = 0;
        while (true)
        {
            if (comparison is { IsInDoubt: true })
            {
                standstills = await TrySettleAsync(connection, comparison, cancellationToken) ? 0 : standstills + 1;
                RefuseUnsettled(comparison, standstills);
            }

            var (transaction, versions) = await WaitAsync(connection, projection, from, to, patience, cancellationToken);
            await using (transaction)
            {
                if (comparison is null || !comparison.Versions.HaveTheTablesOf(versions))
                {
                    (from, to) = (versions.Earlier.Id.Number, versions.Later.Id.Number);
                    comparison = await BeginAsync(connection, versions, cancellationToken);
                }
                else if (!comparison.IsInDoubt && !comparison.IsOver)
                {
                    await comparison.ContinueAsync(transaction, cancellationToken);
                    rest = system.Options.ComparisonRest;
                }
            }

            if (comparison is { IsOver: true, IsInDoubt: false })
            {
                return await RecordAsync(connection, comparison, versions, system.Time.GetElapsedTime(began), actor, cancellationToken);
            }

            await comparison.SaveAsync(cancellationToken);
            await Task.Delay(rest, system.Time, cancellationToken);
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

    private async Task<VersionComparison> BeginAsync(NpgsqlConnection connection, ComparedVersions versions, CancellationToken cancellationToken)
    {
        var plan = await PlanAsync(connection, versions.Earlier, versions.Later, cancellationToken);
        var rows = new RowComparison(connection, plan, Pace)
        {
            SeesOneMoment = await TableKinds.OfAsync(connection, plan.Earlier.Relation, cancellationToken) != TableKind.Distributed
                && await TableKinds.OfAsync(connection, plan.Later.Relation, cancellationToken) != TableKind.Distributed,
        };
        var inRanges = IsFoldedByKey(versions.Earlier.Id) && IsFoldedByKey(versions.Later.Id);
        var brokenOff = inRanges ? await ComparisonUnderWay.FindAsync(connection, versions, cancellationToken) : null;
        var walk = await rows.WalkAsync(brokenOff?.Through, inRanges ? Pace.FirstParts : int.MaxValue, cancellationToken);
        var underWay = brokenOff ?? new ComparisonUnderWay(
            await connection.ScalarAsync<DateTime>("select clock_timestamp()", cancellationToken), versions.Position, null, rows.Nothing);
        return new VersionComparison(connection, versions, rows, walk, underWay, inRanges, Pace, system.Time);
    }

    private bool IsFoldedByKey(VersionId version) => system.Registry.Find(version)?.Rows is not null;

    private static async Task<VerificationReport> RecordAsync(
        NpgsqlConnection connection, VersionComparison comparison, ComparedVersions versions, TimeSpan took, Actor actor, CancellationToken cancellationToken)
    {
        var (at, since, _, result) = comparison.UnderWay;
        var report = new VerificationReport(
            versions.Projection, versions.Earlier.Id.Number, versions.Later.Id.Number, versions.Position, result, took) { Since = since };
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await Verifications.AddAsync(connection, report, versions.Earlier, versions.Later, at, actor, cancellationToken);
        await ComparisonUnderWay.ForgetAsync(connection, versions, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return report;
    }

    /// <summary>Looks once more at rows that differ, while the versions stand still. Readers see nothing newer for that long.</summary>
    /// <returns>Whether it was done; <c>false</c> when it took too long, or the versions stood at different positions.</returns>
    private async Task<bool> TrySettleAsync(NpgsqlConnection connection, VersionComparison comparison, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Pace.Standstill, system.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await using var standstill = await Standstill.BeginAsync(system.ReadModels, [comparison.Versions.Earlier.Id, comparison.Versions.Later.Id], either.Token);
            var (earlier, later) = (comparison.Versions.Earlier.Id.Number, comparison.Versions.Later.Id.Number);
            var opened = await OpenAsync(connection, comparison.Versions.Projection, earlier, later, either.Token);
            await using var transaction = opened.Transaction;
            if (opened.WhyNot is not null || !comparison.Versions.HaveTheTablesOf(opened.Versions))
            {
                return false;
            }

            await comparison.SettleAsync(transaction, either.Token);
            return true;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private void RefuseUnsettled(VersionComparison comparison, int standstills)
    {
        if (standstills == MostStandstills)
        {
            var versions = comparison.Versions;
            throw new OperationRefused(string.Create(
                CultureInfo.InvariantCulture,
                $"Cannot compare {versions.Earlier.Id} with v{versions.Later.Id.Number}: their rows are on several servers, which no snapshot shows at one moment, and those that differ could not be looked at once more within the {Pace.Standstill.TotalMilliseconds:0} ms for which the versions may be kept where they are. Compare again when less is going on."));
        }
    }

    /// <summary>Opens a snapshot in which the two are at the same position, with all their late events.</summary>
    private async Task<(NpgsqlTransaction Transaction, ComparedVersions Versions)> WaitAsync(
        NpgsqlConnection connection, ProjectionName projection, int? from, int? to, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = system.Time.GetTimestamp();
        while (true)
        {
            var (transaction, versions, whyNot) = await OpenAsync(connection, projection, from, to, cancellationToken);
            if (whyNot is null)
            {
                return (transaction, versions);
            }

            await transaction.DisposeAsync();
            if (system.Time.GetElapsedTime(began) + BetweenLooks > patience)
            {
                throw new OperationRefused($"Cannot compare {versions.Earlier.Id} with v{versions.Later.Id.Number}: {whyNot}");
            }

            await Task.Delay(BetweenLooks, system.Time, cancellationToken);
        }
    }

    /// <summary>Opens a snapshot, and tells why the two cannot be compared in it, if so.</summary>
    private static async Task<(NpgsqlTransaction Transaction, ComparedVersions Versions, string? WhyNot)> OpenAsync(
        NpgsqlConnection connection, ProjectionName projection, int? from, int? to, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        try
        {
            var snapshot = (await ProjectionCatalog.ReadAsync(connection, projection, cancellationToken)).SingleOrDefault();
            var (earlier, later) = Choose(projection, snapshot, from, to);
            return (transaction, new ComparedVersions(earlier, later), WhyNotYet(earlier, later) ?? await WhatIsMissingAsync(connection, earlier, later, cancellationToken));
        }
        catch
        {
            await transaction.DisposeAsync();
            throw;
        }
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
