using Microsoft.Extensions.Logging;
using Projections.Postgres;
using Projections.PostgresEvents.Reading;

namespace Projections.PostgresEvents.Standbys;

/// <summary>One reading from a standby. While that cannot be read it waits or, where it may, goes on from the primary and tries the standby again later.</summary>
/// <param name="standby">The standby.</param>
/// <param name="primary">The primary.</param>
/// <param name="mark">How far the standby must have come.</param>
/// <param name="options">What becomes of it while the standby is away.</param>
/// <param name="told">What people are told of it.</param>
/// <param name="time">The clock.</param>
internal sealed partial class StandbyPlace(
    Standby standby, PrimaryPlace primary, PrimaryMark mark, StandbyOptions options, HistoryReport told, TimeProvider time) : IReadingPlace
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>A standby is always a little behind; what takes longer is told.</summary>
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(5);

    private long? _failingSince;
    private long? _primarySince;
    private bool _isToldWaiting;
    private bool _isToldTakenOver;

    public int RangeSize => options.RangeSize;

    private bool IsPrimarysTurn => _primarySince is { } since && time.GetElapsedTime(since) < options.Patience;

    public async ValueTask<ReadingSession> OpenAsync(CancellationToken cancellationToken)
    {
        while (!IsPrimarysTurn)
        {
            try
            {
                var session = await standby.OpenAsync(mark, cancellationToken);
                _primarySince = null;
                told.Text = $"history is read from {standby.Name}";
                return session;
            }
            catch (StandbyAway away)
            {
                Failed(away.Message);
            }

            if (!IsPrimarysTurn)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }

        return await primary.OpenAsync(cancellationToken);
    }

    public void HasRead()
    {
        if (_primarySince is not null || _failingSince is null)
        {
            return;
        }

        if (_isToldWaiting || _isToldTakenOver)
        {
            LogBack(options.Logger, standby.Name);
        }

        (_failingSince, _isToldWaiting, _isToldTakenOver) = (null, false, false);
    }

    public bool Outlasts(Exception exception)
    {
        // What the primary says is for whoever asked.
        if (_primarySince is not null)
        {
            return false;
        }

        Failed($"{standby.Name} broke off: {exception.Cause}");
        return true;
    }

    private void Failed(string reason)
    {
        _failingSince ??= time.GetTimestamp();
        var lasted = time.GetElapsedTime(_failingSince.Value);
        if (options.WhenAway == StandbyAbsence.UsePrimary && lasted >= options.Patience)
        {
            _primarySince = time.GetTimestamp();
            told.Text = $"history is read from the primary server, as {reason}";
            if (!_isToldTakenOver)
            {
                _isToldTakenOver = true;
                LogTakenOver(options.Logger, reason);
            }

            return;
        }

        told.Text = $"history waits: {reason}";
        if (lasted >= Usual && !_isToldWaiting)
        {
            _isToldWaiting = true;
            LogWaits(options.Logger, reason);
        }
    }

    [LoggerMessage(251, LogLevel.Warning, "The reading of history waits: {Reason}. It goes on by itself; with Events:WhenStandbyIsAway=use-primary it would go on from the primary server.")]
    private static partial void LogWaits(ILogger logger, string reason);

    [LoggerMessage(252, LogLevel.Warning, "History is read from the primary server for the time being: {Reason}.")]
    private static partial void LogTakenOver(ILogger logger, string reason);

    [LoggerMessage(253, LogLevel.Information, "History is read from {Standby} again.")]
    private static partial void LogBack(ILogger logger, string standby);
}
