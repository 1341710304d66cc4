using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Announcements;
using Projections.Checks.Policies;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Faults;
using Projections.Operations;
using Projections.Switching;
using Projections.Telemetry;

namespace Projections.Checks;

/// <summary>
/// Judges how well the versions keep up, keeps the verdicts, announces those that changed, and does what the projection's
/// options allow to be done about it.
/// </summary>
/// <param name="system">The system.</param>
/// <param name="settings">What is expected of the versions, and what may be done.</param>
public sealed partial class CheckCatchUp(ProjectionSystem system, CatchUpSettings settings)
{
    /// <summary>How long an announcement waits for somebody to pass it on before it is given up: there is no bus then.</summary>
    private static readonly TimeSpan AnnouncementsKept = TimeSpan.FromDays(30);

    /// <summary>In this order: a bad version is left before anything is retired. One of them acts at a check.</summary>
    private static readonly ICatchUpPolicy[] Policies = [new SwitchBackPolicy(), new RestartStuckPolicy(), new SwitchWhenHealthyPolicy(), new RetireStandbyPolicy()];

    private readonly ILogger _logger = system.Loggers.CreateLogger<CheckCatchUp>();

    /// <summary>Checks one projection, or all that were ever built.</summary>
    /// <param name="only">The projection, or <c>null</c> for all.</param>
    /// <param name="context">Who asks. A command id needs a projection: it stands for one check of one.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <exception cref="OperationRefused">There is no such projection.</exception>
    /// <exception cref="EventSourceUnavailable">The event store cannot be read, and so nobody can say who keeps up.</exception>
    public async Task<IReadOnlyList<ProjectionCheck>> RunAsync(ProjectionName? only, CommandContext context, CancellationToken cancellationToken)
    {
        var statuses = await new ReadStatus(system).RunAsync(only, cancellationToken);
        if (only is not null && statuses.Count == 0)
        {
            throw new OperationRefused($"Cannot check '{only}': there is no such projection, neither in this program nor in the catalog.", isMistake: true);
        }

        if (statuses.Select(status => status.SourceTrouble).FirstOrDefault() is { } trouble)
        {
            throw new EventSourceUnavailable(trouble);
        }

        var checks = new List<ProjectionCheck>();
        foreach (var status in statuses.Where(status => status.Versions.Count > 0))
        {
            checks.Add(await CheckAsync(status, context, cancellationToken));
        }

        return checks;
    }

    private async Task<ProjectionCheck> CheckAsync(ProjectionStatus status, CommandContext context, CancellationToken cancellationToken)
    {
        var name = status.Projection.Name;
        var options = settings.For(name);
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var before = await CheckHistory.ReadLatestAsync(connection, name, cancellationToken);
        if (await CommandLog.FindAsync(connection, context.IdentityOf("check"), name, cancellationToken) is not null)
        {
            return new ProjectionCheck(name, before);
        }

        var records = await JudgeAsync(connection, status, before, options, cancellationToken);
        var ids = await RecordAsync(connection, name, records, context, cancellationToken);
        var outcome = new CheckOutcome(system, connection, status.Projection, records, options);
        foreach (var policy in Policies)
        {
            if (await policy.DecideAsync(outcome, cancellationToken) is { } action)
            {
                var done = await ActAsync(action, context.Actor, cancellationToken);
                await CheckHistory.AddActionAsync(connection, ids[action.Version], done, cancellationToken);
                records = [.. records.Select(record => record.Version == action.Version ? record with { Actions = [done] } : record)];
                break;
            }
        }

        return new ProjectionCheck(name, records);
    }

    private async Task<IReadOnlyList<CheckRecord>> JudgeAsync(
        NpgsqlConnection connection, ProjectionStatus status, IReadOnlyList<CheckRecord> before, CatchUpOptions options, CancellationToken cancellationToken)
    {
        var judgement = new CatchUpJudgement(system, connection);
        var records = new List<CheckRecord>();
        foreach (var version in status.Versions.Where(version => version.Version.State != VersionState.Retired))
        {
            var last = before.FirstOrDefault(record => record.Version == version.Version.Id);
            var record = await judgement.JudgeAsync(status, version, last, options, cancellationToken);
            records.Add(record);
            Instruments.Checks.Add(1, Instruments.Projection(record.Version.Projection), Instruments.Version(record.Version), new("verdict", record.Verdict.Text()));
            if (record.Verdict != Verdict.Healthy && _logger.IsEnabled(LogLevel.Warning))
            {
                LogVerdict(_logger, record.Version, record.Verdict.Text(), string.Join(" ", record.Findings));
            }
        }

        return records;
    }

    /// <summary>Keeps the verdicts and announces them, in one transaction; two checks at the same moment queue here.</summary>
    private async Task<Dictionary<VersionId, long>> RecordAsync(
        NpgsqlConnection connection, ProjectionName projection, IReadOnlyList<CheckRecord> records, CommandContext context, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ProjectionCatalog.LockAsync(connection, projection, cancellationToken);
        var before = (await CheckHistory.ReadLatestAsync(connection, projection, cancellationToken)).ToDictionary(record => record.Version, record => record.Verdict);
        var ids = new Dictionary<VersionId, long>();
        foreach (var record in records)
        {
            ids[record.Version] = await CheckHistory.AddAsync(connection, record, cancellationToken);
            await CheckAnnouncements.AddAsync(connection, record, before.GetValueOrDefault(record.Version), context.Actor, cancellationToken);
        }

        await CheckHistory.ForgetAsync(connection, system.Time.GetUtcNow().UtcDateTime - CheckHistory.Kept, cancellationToken);
        await Outbox.ForgetAsync(connection, AnnouncementsKept, cancellationToken);
        await CommandLog.RecordAsync(connection, context.IdentityOf("check"), projection, version: null, "checked", context.Actor, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return ids;
    }

    private async Task<string> ActAsync(PolicyAction action, Actor actor, CancellationToken cancellationToken)
    {
        try
        {
            var done = await action.RunAsync(new CommandContext(actor with { Why = action.Reason }), cancellationToken);
            LogActed(_logger, action.Reason, done);
            return done;
        }
        catch (Exception refused) when (refused is OperationRefused or SwitchRefused)
        {
            LogNotActed(_logger, action.Reason, refused.Message);
            return $"Refused: {refused.Message}";
        }
        catch (OutcomeUnknown unknown)
        {
            LogNotActed(_logger, action.Reason, unknown.Message);
            return $"Unknown: {unknown.Message}";
        }
    }

    [LoggerMessage(611, LogLevel.Warning, "{Version} is {Verdict}. {Findings}")]
    private static partial void LogVerdict(ILogger logger, VersionId version, string verdict, string findings);

    [LoggerMessage(612, LogLevel.Warning, "{Reason}: {Done}")]
    private static partial void LogActed(ILogger logger, string reason, string done);

    [LoggerMessage(613, LogLevel.Warning, "{Reason}, but nothing could be done about it: {Refusal}")]
    private static partial void LogNotActed(ILogger logger, string reason, string refusal);
}
