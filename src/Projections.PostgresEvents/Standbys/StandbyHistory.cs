using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Postgres;
using Projections.PostgresEvents.Reading;

namespace Projections.PostgresEvents.Standbys;

/// <summary>Decides for each reading and each question whether it is the standby's, and notes before how far that must have come.</summary>
/// <param name="options">Which standby, and what becomes of a reading while it is away.</param>
/// <param name="primary">The server that events are written to.</param>
/// <param name="place">The same for readings.</param>
/// <param name="time">The clock.</param>
internal sealed partial class StandbyHistory(StandbyOptions options, NpgsqlDataSource primary, PrimaryPlace place, TimeProvider time)
{
    /// <summary>A question is put to the primary when the standby is further behind.</summary>
    private static readonly TimeSpan MostLagForQuestions = TimeSpan.FromSeconds(5);

    /// <summary>The same where others wait for the answer, those that readers wait for among them.</summary>
    private static readonly TimeSpan MostWaitForAll = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Standby _standby = new(options.DataSource);

    public HistoryReport Told { get; } = new();

    /// <summary>Where a reading of so many positions gets its sessions. To be called after all that it must see was seen.</summary>
    public async ValueTask<IReadingPlace> PlaceAsync(long positions, CancellationToken cancellationToken) => positions < options.FewestPositions
        ? place
        : new StandbyPlace(_standby, place, await PrimaryMark.NoteAsync(primary, cancellationToken), options, Told, time);

    /// <summary>A session for one question.</summary>
    /// <exception cref="StandbyAway">The standby cannot be read, or is more than a little behind.</exception>
    public Task<ReadingSession> OpenForQuestionAsync(CancellationToken cancellationToken) => OpenAsync(MostLagForQuestions, cancellationToken);

    /// <summary>
    /// A session for a question on whose answer others rely, wherever they read: the primary shows already all that its snapshot has. A standby shows what was committed as soon as it has
    /// replayed that, and the primary only when the transaction is over: one that waits there for a synchronous standby is seen here first.
    /// </summary>
    /// <exception cref="StandbyAway">The standby cannot be read, is behind, or may show a transaction that is not over on the primary.</exception>
    public async Task<ReadingSession> OpenForAllAsync(CancellationToken cancellationToken)
    {
        var session = await OpenAsync(MostWaitForAll, cancellationToken);
        try
        {
            await AwaitSeenOnPrimaryAsync(session, cancellationToken);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    private async Task<ReadingSession> OpenAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var mark = await PrimaryMark.NoteAsync(primary, cancellationToken);
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await _standby.OpenAsync(mark, cancellationToken);
            }
            catch (StandbyAway away) when (away.IsBehind && time.GetElapsedTime(began) < patience)
            {
                // Once more.
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task AwaitSeenOnPrimaryAsync(ReadingSession session, CancellationToken cancellationToken)
    {
        await using var inSnapshot = new NpgsqlCommand("SELECT pg_snapshot_xmax(pg_current_snapshot())::text", session.Connection);
        var behind = (string)(await inSnapshot.ExecuteScalarAsync(cancellationToken))!;
        var began = time.GetTimestamp();
        while (!await IsOverAsync(behind, cancellationToken))
        {
            if (time.GetElapsedTime(began) >= MostWaitForAll)
            {
                throw new StandbyAway($"{_standby.Name} may show a transaction already that is still open on the primary");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <summary>Whether every transaction before one is over on the primary, and what it did is seen.</summary>
    private async Task<bool> IsOverAsync(string transaction, CancellationToken cancellationToken)
    {
        await using var command = primary.CreateCommand("SELECT pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = transaction });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Tells that the standby failed at a question.</summary>
    public void LeaveToPrimary(Exception exception) => LogLeft(options.Logger, exception.Cause);

    /// <summary>Where history would be read now.</summary>
    public async Task<string?> DescribeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await OpenForQuestionAsync(cancellationToken);
            return $"history is read from {_standby.Name}";
        }
        catch (Exception exception) when (exception is StandbyAway || StoreErrors.IsFromStore(exception))
        {
            return $"history is not read at once: {exception.Cause}. "
                + (options.WhenAway == StandbyAbsence.Wait ? "A replay waits for the standby" : $"After {options.Patience.TotalSeconds:0.#} s the primary server takes over");
        }
    }

    [LoggerMessage(254, LogLevel.Information, "A question about all events is put to the primary server: {Reason}.")]
    private static partial void LogLeft(ILogger logger, string reason);
}
