using System.Diagnostics;
using System.Diagnostics.Metrics;
using Projections.Definitions;

namespace Projections.Telemetry;

/// <summary>The instruments that are written to where something happens. What is a matter of state is in <c>StatusGauges</c>.</summary>
internal static class Instruments
{
    public static readonly Counter<long> Events = ProjectionsTelemetry.Meter.CreateCounter<long>(
        "projections.events", "{event}", "Events folded, by version.");

    public static readonly Histogram<int> BatchSize = ProjectionsTelemetry.Meter.CreateHistogram<int>(
        "projections.batch.size", "{event}", "Events in a batch that was folded, by version.");

    public static readonly Histogram<double> CommitDuration = ProjectionsTelemetry.Meter.CreateHistogram<double>(
        "projections.commit.duration", "s", "How long it took to write and commit rows and checkpoints, by projection and kind of work.");

    public static readonly Histogram<double> PhaseDuration = ProjectionsTelemetry.Meter.CreateHistogram<double>(
        "projections.phase.duration", "s", "How long a phase of a rebuild took in one worker's hands, by version, phase and outcome.");

    public static readonly Counter<long> LeaseChanges = ProjectionsTelemetry.Meter.CreateCounter<long>(
        "projections.lease.changes", "{change}", "Leases taken, released and lost, by version.");

    public static readonly Histogram<double> SwitchDuration = ProjectionsTelemetry.Meter.CreateHistogram<double>(
        "projections.switch.duration", "s", "How long a switch took with its gates and attempts, by projection and outcome.");

    public static readonly Counter<long> SwitchRetries = ProjectionsTelemetry.Meter.CreateCounter<long>(
        "projections.switch.retries", "{retry}", "Attempts at a switch that were put off, by projection.");

    public static readonly Counter<long> DeadLetters = ProjectionsTelemetry.Meter.CreateCounter<long>(
        "projections.dead_letters", "{event}", "Events set aside, by version.");

    public static readonly Counter<long> LateEvents = ProjectionsTelemetry.Meter.CreateCounter<long>(
        "projections.late_events", "{event}", "Late events folded into the rows of versions that had passed them, by version.");

    public static readonly Counter<long> Checks = ProjectionsTelemetry.Meter.CreateCounter<long>(
        "projections.checks", "{check}", "Catch-up checks made, by version and verdict.");

    public static readonly Counter<long> Announcements = ProjectionsTelemetry.Meter.CreateCounter<long>(
        "projections.announcements", "{announcement}", "Announcements passed on, by kind.");

    public static readonly Counter<long> SourceRetries = ProjectionsTelemetry.Meter.CreateCounter<long>(
        "projections.source.retries", "{retry}", "Reads and subscriptions of the event source that were begun again by itself, by reason.");

    public static readonly Counter<long> FailedSignIns = ProjectionsTelemetry.Meter.CreateCounter<long>(
        "projections.sign_ins.failed", "{sign_in}", "Keys and tokens that came over HTTP and let nobody in.");

    /// <summary>What a measurement is about.</summary>
    /// <param name="database">The database's name, where the process serves several; it is the last tag, and where there is one database there is none.</param>
    /// <param name="tags">What else it is about.</param>
    public static TagList Of(string? database, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var list = new TagList(tags);
        if (database is not null)
        {
            list.Add("database", database);
        }

        return list;
    }

    /// <inheritdoc cref="Of(string, ReadOnlySpan{KeyValuePair{string, object}})"/>
    public static TagList Of(string? database, ProjectionName projection, params ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        Of(database, [new("projection", projection.Value), .. tags]);

    /// <inheritdoc cref="Of(string, ReadOnlySpan{KeyValuePair{string, object}})"/>
    public static TagList Of(string? database, VersionId version, params ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        Of(database, version.Projection, [new("version", version.Number), .. tags]);
}
