using System.Globalization;
using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.LateEvents;
using Projections.Postgres;

namespace Projections.Verification;

/// <summary>
/// Proves the rows of a version that began with those of another: all of them against that one's at the same position, which shows what the seed left out, doubled or
/// miscounted; and some, in all columns, against a fold of their events, which shows what the seed cannot have known.
/// </summary>
internal sealed class SeedProof(ProjectionSystem system)
{
    /// <summary>Spells "seed".</summary>
    private const int LockKind = 0x73656564;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="id">A version that <see cref="VersionSnapshot.AwaitsSeedProof"/>.</param>
    /// <param name="cancellationToken">Cancels it; the comparison with the other version goes on behind the last range when it is begun again.</param>
    /// <returns>Whether there was anything to do here: another worker may be at it.</returns>
    /// <exception cref="Commands.OperationRefused">Neither is in the lockstep at present.</exception>
    public async Task<bool> RunAsync(VersionId id, CancellationToken cancellationToken)
    {
        await using var held = await SessionLock.TryTakeAsync(system.ReadModels, LockKind, await NumberAsync(id, cancellationToken), cancellationToken);
        if (held is null || (await system.Catalog.ReadAsync(id.Projection, cancellationToken))?.Find(id.Number) is not { AwaitsSeedProof: true } version)
        {
            return false;
        }

        var finding = await FindAsync(version, cancellationToken);
        await RecordAsync(version, finding, cancellationToken);
        return true;
    }

    /// <summary>How much is proved by as many rows as the options ask for.</summary>
    public static string Promise(ProjectionsOptions options) => string.Create(
        CultureInfo.InvariantCulture, $"a mistake in more than {options.SeedMistakes * 100:0.#####} % of the rows is found with {options.SeedCertainty * 100:0.#####} % certainty");

    /// <summary>So many rows are folded from their events.</summary>
    public static int RowsToFold(ProjectionsOptions options) => RowDraw.SizeFor(options.SeedMistakes, options.SeedCertainty);

    private async Task<int> NumberAsync(VersionId id, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        return await connection.ScalarAsync<int>("select hashtext($1)", cancellationToken, id.ToString());
    }

    private async Task<Finding> FindAsync(VersionSnapshot version, CancellationToken cancellationToken)
    {
        try
        {
            var whole = await new Verify(system).RunAsync(version.Id.Projection, version.SeededFrom, version.Id.Number, Patience, new Actor(system.Name, "its rows were taken from it"), cancellationToken);
            if (!whole.Result.Agrees)
            {
                return new Finding(false, $"Compared with v{version.SeededFrom}{whole.Where}, {Describe(whole.Result, $"v{version.SeededFrom}", $"v{version.Id.Number}")}.");
            }

            var mended = await CountMendedAsync(version.Id, cancellationToken);
            var some = await new VerifyAgainstEvents(system).RunAsync(version.Id.Projection, version.Id.Number, RowDraw.Of(RowsToFold(system.Options)), cancellationToken);
            if (!some.Result.Agrees && await CountMendedAsync(version.Id, cancellationToken) != mended)
            {
                throw new TimeoutException($"late events turned up while rows of {version.Id} were folded; they are folded again.");
            }

            return some.Result.Agrees
                ? new Finding(true, string.Create(CultureInfo.InvariantCulture, $"All {whole.Result.RowsOfLater:N0} rows agree with v{version.SeededFrom}{whole.Where}, and {some.Result.RowsOfLater:N0} of them with a fold of their events: {Promise(system.Options)}."))
                : new Finding(false, string.Create(CultureInfo.InvariantCulture, $"Of {some.Result.RowsOfEarlier:N0} rows that were folded from their events, {Describe(some.Result, "the table", "the fold")}."));
        }
        catch (Exception exception) when (exception is NotComparable or PoisonEvent)
        {
            return new Finding(false, exception.Message);
        }
    }

    /// <summary>How many late events the version's rows got so far. A fold of its events has those as well that it is yet to get.</summary>
    /// <exception cref="TimeoutException">It is yet to get some.</exception>
    private async Task<long> CountMendedAsync(VersionId version, CancellationToken cancellationToken)
    {
        if (system.LateEvents is not { } watch)
        {
            return 0;
        }

        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await watch.NoteAsync(connection, version, cancellationToken);
        var late = (await LateEventList.CountAsync(connection, cancellationToken)).GetValueOrDefault(version, LateEventCounts.None);
        return late.Waiting == 0 ? late.Mended : throw new TimeoutException($"the rows of {version} lack late events, which they get first.");
    }

    // Values may be about people; which rows differ is shown by 'show-rows'.
    private static string Describe(ComparisonResult result, string earlier, string later)
    {
        var columns = result.DifferingByColumn.OrderByDescending(column => column.Value).Select(column => string.Create(CultureInfo.InvariantCulture, $"{column.Key} in {column.Value:N0}"));
        var kinds = new List<string>();
        if (result.Differing > 0)
        {
            kinds.Add(string.Create(CultureInfo.InvariantCulture, $"{result.Differing:N0} differ ({string.Join(", ", columns)})"));
        }

        if (result.OnlyInEarlier > 0)
        {
            kinds.Add(string.Create(CultureInfo.InvariantCulture, $"{result.OnlyInEarlier:N0} are only in {earlier}"));
        }

        if (result.OnlyInLater > 0)
        {
            kinds.Add(string.Create(CultureInfo.InvariantCulture, $"{result.OnlyInLater:N0} are only in {later}"));
        }

        return string.Join(", ", kinds);
    }

    private async Task RecordAsync(VersionSnapshot version, Finding finding, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var locked = await ProjectionCatalog.LockAsync(connection, version.Id, cancellationToken);
        // Built anew since, it is another table.
        if (locked is not { AwaitsSeedProof: true } || locked.StartedAt != version.StartedAt)
        {
            return;
        }

        await connection.ExecuteAsync(
            "update projections.version set seed_agrees = $3, seed_finding = $4 where projection = $1 and number = $2",
            cancellationToken,
            version.Id.Projection.Value,
            version.Id.Number,
            finding.Agrees,
            finding.Text);
        await VersionLife.RecordAsync(connection, version.Id, locked.State, locked.State, new Actor(system.Name, finding.Text), cancellationToken);
        await ProjectionCatalog.NotifyAsync(connection, version.Id.Projection, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private sealed record Finding(bool Agrees, string Text);
}
