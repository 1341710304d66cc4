using System.Data;
using System.Globalization;
using Npgsql;
using Projections.Commands;
using Projections.Definitions;
using Projections.Postgres;
using Projections.Tables;

namespace Projections.Verification;

/// <summary>
/// A snapshot that shows a version's rows at its checkpoint. Where they are on several servers, each of those has a snapshot of its own, which is kept as long as the transaction: Citus begins
/// it there with the same isolation, and uses one connection to each. They are taken while the version stands still, and so show the same moment.
/// </summary>
internal static class WholeSnapshot
{
    /// <summary>How often it is tried at most.</summary>
    private const int MostTries = 20;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(100);

    /// <param name="system">The system.</param>
    /// <param name="connection">Where the transaction is opened.</param>
    /// <param name="version">The version.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <exception cref="OperationRefused">The version could not be kept where it is for as long as it takes.</exception>
    public static async Task<NpgsqlTransaction> BeginAsync(ProjectionSystem system, NpgsqlConnection connection, VersionId version, CancellationToken cancellationToken)
    {
        var table = SqlName.Quote(system.Options.Schema, version.Table);
        if (await TableKinds.OfAsync(connection, table, cancellationToken) != TableKind.Distributed)
        {
            return await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        }

        for (var tries = 0; tries < MostTries; tries++)
        {
            if (await TryBeginAsync(system, connection, version, table, cancellationToken) is { } transaction)
            {
                return transaction;
            }

            await Task.Delay(BetweenTries, system.Time, cancellationToken);
        }

        throw new OperationRefused(string.Create(
            CultureInfo.InvariantCulture,
            $"Cannot look at {version}: its rows are on several servers, and no moment could be had within {ComparisonPace.Usual.Standstill.TotalMilliseconds:0} ms, for which it may be kept where it is, at which all of them show the same. Try again when less is going on."));
    }

    /// <returns><c>null</c> when it took too long.</returns>
    private static async Task<NpgsqlTransaction?> TryBeginAsync(ProjectionSystem system, NpgsqlConnection connection, VersionId version, string table, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(ComparisonPace.Usual.Standstill, system.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        NpgsqlTransaction? transaction = null;
        try
        {
            await using var standstill = await Standstill.BeginAsync(system.ReadModels, [version], either.Token);
            transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, either.Token);
            await connection.ExecuteAsync("set local citus.max_adaptive_executor_pool_size = 1", either.Token);
            // Asks every shard.
            await connection.ExecuteAsync($"select 1 from {table} limit 1", either.Token);
            return transaction;
        }
        catch (Exception exception)
        {
            await (transaction?.DisposeAsync() ?? ValueTask.CompletedTask);
            if (exception is OperationCanceledException && limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                return null;
            }

            throw;
        }
    }
}
