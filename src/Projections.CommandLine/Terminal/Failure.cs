using Npgsql;
using Projections.Bus;
using Projections.Catalog;
using Projections.CommandLine.Commands;
using Projections.CommandLine.Demo;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Exporting;
using Projections.Faults;
using Projections.Feeds;
using Projections.Hosting.Configuration;
using Projections.LocalPostgres;
using Projections.Migrations;
using Projections.Migrations.Execution;
using Projections.Migrations.Files;
using Projections.Migrations.Running;
using Projections.Migrations.Safety;
using Projections.Postgres;
using Projections.Replay;
using Projections.Scheduling;
using Projections.Switching;
using Projections.Switching.Gates;
using Projections.Verification;
using Projections.Web;

namespace Projections.CommandLine.Terminal;

/// <summary>What people and scripts are told when a command did not do what it should.</summary>
/// <param name="Kind">For scripts: <c>usage</c>, <c>refused</c>, <c>failed</c> or <c>unknown</c>.</param>
/// <param name="Message">For people: what happened, to what, and what to do.</param>
/// <param name="ExitCode">The program's exit code.</param>
/// <param name="Gates">The gates that refused a switch.</param>
internal sealed record Failure(string Kind, string Message, int ExitCode, IReadOnlyList<GateFailure>? Gates = null)
{
    /// <summary>Why migrations were refused, one by one.</summary>
    public IReadOnlyList<Refusal>? Refusals { get; init; }

    /// <summary>What the safety check found in migrations that were refused for it.</summary>
    public SafetyReport? Safety { get; init; }

    /// <summary>What is wrong with migration files.</summary>
    public IReadOnlyList<FileProblem>? Problems { get; init; }

    /// <summary>Finds the words for an exception.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="settings">The settings, as far as they have been read, to say which database is meant.</param>
    public static Failure Of(Exception exception, HostSettings? settings) => exception switch
    {
        SettingsInvalid or BusOptionsInvalid or CheckSettingsInvalid or TelemetryOptionsInvalid or WebOptionsInvalid or VersionFilesMissing => Usage(exception.Message),
        OperationRefused { IsMistake: true } => Usage(exception.Message),
        OperationRefused or BuildRefused or NotComparable or FeedGone or FeedOff => Refused(exception.Message),
        SwitchRefused refused => Refused(refused.Message, refused.Failures),
        OutcomeUnknown => new("unknown", exception.Message, CommandLine.ExitCode.Unknown),
        MigrationFilesInvalid invalid => Usage(invalid.Message) with { Problems = invalid.Problems },
        MigrationRefused refused => Refused(refused.Message) with { Refusals = refused.Refusals },
        MigrationsUnsafe unsafeOnes => Refused(unsafeOnes.Message) with { Safety = unsafeOnes.Report },
        BuildStopped or DemoFailed or MigrationStopped or MigrationFailed or DatabaseUnreachable or EventSourceUnusable or CatalogTooNew or LocalPostgresFailed or PostgresBinariesMissing or SourceRestored or PoisonEvent =>
            Failed(exception.Message),
        EventSourceUnavailable => Failed($"{exception.Message} Events are read from {Place(settings?.Events)}; check that the server runs, then try again."),
        PostgresException { IsAboutRights: true } denied =>
            Failed($"The role has not the rights that it needs in {Place(settings?.ReadModels)}: {denied.MessageText}. Grant them, or use another role."),
        PostgresException postgres =>
            Failed($"PostgreSQL refused a statement in {Place(settings?.ReadModels)}: {postgres.Words}. '--verbose' shows where."),
        _ when exception is NpgsqlException || PassingFault.Is(exception) =>
            Failed($"The connection to {Place(settings?.ReadModels)} broke off: {exception.Cause.TrimEnd('.')}. Check that the server runs, then try again."),
        _ => Failed($"Something happened that should not: {exception.Message} '--verbose' shows where."),
    };

    public static Failure Usage(string message) => new("usage", message, CommandLine.ExitCode.WrongUsage);

    public static Failure Refused(string message, IReadOnlyList<GateFailure>? gates = null) => new("refused", message, CommandLine.ExitCode.Refused, gates);

    public static Failure Failed(string message) => new("failed", message, CommandLine.ExitCode.Failed);

    private static string Place(string? connectionString) => connectionString is null ? "the database" : ServerAddress.Of(connectionString);
}
