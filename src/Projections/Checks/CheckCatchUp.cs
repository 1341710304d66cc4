using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Announcements;
using Projections.Catalog.Reactions;
using Projections.Checks.Policies;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Faults;
using Projections.Operations;
using Projections.Switching;
using Projections.Telemetry;

namespace Projections.Checks;

/// <summary>Asks for a check of a projection now, beside the scheduled ones.</summary>
[Verb("check", "Checks now whether the versions keep up, and does what the configuration allows.")]
public sealed record CheckCommand : Command<ProjectionCheck>
{
    internal override Task<ProjectionCheck> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new CheckCatchUp(system).RunAsync(this, context, cancellationToken);
}

/// <summary>
/// Judges how well the versions keep up, keeps the verdicts, announces those that changed, and does what the projection's
/// options allow to be done about it.
/// </summary>
internal sealed partial class CheckCatchUp(ProjectionSystem system)
{
    /// <summary>How long an announcement waits for somebody to pass it on before it is given up: there is no bus then.</summary>
    private static readonly TimeSpan AnnouncementsKept = TimeSpan.FromDays(30);

    /// <summary>In this order: a bad version is left before anything is retired. One of them acts at a check.</summary>
    private static readonly ICatchUpPolicy[] Policies = [new SwitchBackPolicy(), new RestartStuckPolicy(), new SwitchWhenHealthyPolicy(), new RetireStandbyPolicy()];

    private readonly ILogger _logger = system.Loggers.CreateLogger<CheckCatchUp>();

    /// <exception cref="OperationRefused">There is no such projection.</exception>
    /// <exception cref="EventSourceUnavailable">The event store cannot be read, and so nobody can say who keeps up.</exception>
    public async Task<ProjectionCheck> RunAsync(CheckCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        var name = command.Projection;
        var status = (await new ReadStatus(system).RunAsync(name, cancellationToken)).SingleOrDefault()
            ?? throw new OperationRefused($"Cannot check '{name}': there is no such projection, neither in this program nor in the catalog.", isMistake: true);
        if (status.Versions.Count == 0)
        {
            return new ProjectionCheck(name, []);
        }

        if (status.SourceTrouble is { } trouble)
        {
            throw new EventSourceUnavailable(trouble);
        }

        var options = system.Expectations.For(name);
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var before = await CheckHistory.ReadLatestAsync(connection, name, cancellationToken);
        if (await CommandLog.FindAsync(connection, command.IdentityOf(context), name, cancellationToken) is not null)
        {
            return new ProjectionCheck(name, before);
        }

        var records = await JudgeAsync(connection, status, before, options, cancellationToken);
        var ids = await RecordAsync(connection, command, records, context, cancellationToken);
        var outcome = new CheckOutcome(system, connection, status.Projection, records, options);
        foreach (var policy in Policies)
        {
            if (await policy.DecideAsync(outcome, cancellationToken) is { } action)
            {
                var done = await ActAsync(action, context with { CommandId = null }, cancellationToken);
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
            Instruments.Checks.Add(1, Instruments.Of(system.Database, record.Version, [new("verdict", record.Verdict.Text())]));
            if (record.Verdict != Verdict.Healthy && _logger.IsEnabled(LogLevel.Warning))
            {
                LogVerdict(_logger, record.Version, record.Verdict.Text(), string.Join(" ", record.Findings));
            }
        }

        return records;
    }

    /// <summary>Keeps the verdicts and announces them, in one transaction; two checks at the same moment queue here.</summary>
    private async Task<Dictionary<VersionId, long>> RecordAsync(
        NpgsqlConnection connection, CheckCommand command, IReadOnlyList<CheckRecord> records, CommandContext context, CancellationToken cancellationToken)
    {
        var actor = command.ActorOf(context);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ProjectionCatalog.LockAsync(connection, command.Projection, cancellationToken);
        var before = (await CheckHistory.ReadLatestAsync(connection, command.Projection, cancellationToken)).ToDictionary(record => record.Version, record => record.Verdict);
        var ids = new Dictionary<VersionId, long>();
        foreach (var record in records)
        {
            ids[record.Version] = await CheckHistory.AddAsync(connection, record, cancellationToken);
            await CheckAnnouncements.AddAsync(connection, record, before.GetValueOrDefault(record.Version), actor, cancellationToken);
        }

        await CheckHistory.ForgetAsync(connection, system.Time.GetUtcNow().UtcDateTime - CheckHistory.Kept, cancellationToken);
        await Outbox.ForgetAsync(connection, AnnouncementsKept, cancellationToken);
        await ReactionHandover.ForgetPassedAsync(connection, command.Projection, cancellationToken);
        await CommandLog.RecordAsync(connection, command.IdentityOf(context), command.Projection, version: null, "checked", actor, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return ids;
    }

    private async Task<string> ActAsync(PolicyAction action, CommandContext context, CancellationToken cancellationToken)
    {
        try
        {
            var done = await action.RunAsync(context with { IsAutomatic = true }, cancellationToken);
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
