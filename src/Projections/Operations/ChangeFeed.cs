using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Serialization;
using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Feeds;
using Projections.Commands;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Operations;

/// <summary>Starts a feed: whatever becomes of the rows that readers see is kept for those who read it. Started already, it keeps it as long as is said now.</summary>
[Verb("feed", "Starts a feed of what becomes of the rows that readers of a projection see.")]
public sealed record StartFeedCommand : Command<OperationResult>
{
    /// <summary>For how long changes are kept. The default is a week.</summary>
    [Description("For how long changes are kept, a year at most. The default is a week.")]
    [JsonPropertyName("keepMinutes"), JsonConverter(typeof(TimeInMinutes)), Display(Name = "time to keep changes"), TimeRange(1, 31_536_000)]
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How many changes of rows are kept at most; all of that time when <c>null</c>.</summary>
    [Description("How many changes of rows are kept at most; all of that time when left out."), Range(1, int.MaxValue)]
    public int? KeepRows { get; init; }

    /// <summary>Whether it is published on the bus, too.</summary>
    [Description("Publishes it on the bus, too, from now on; published already, it is no more when left out.")]
    public bool Publish { get; init; }

    private protected override FormattableString Arguments => $"start {Keep} {KeepRows} {Publish}";

    internal override Task<OperationResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new ChangeFeed(system).StartAsync(this, context, cancellationToken);
}

/// <summary>Ends a feed: nothing is written any more, and what was kept is dropped.</summary>
[Verb("feed", "Ends a projection's feed: nothing is written any more, and what was kept is dropped.")]
public sealed record StopFeedCommand : Command<OperationResult>
{
    private protected override FormattableString Arguments => $"stop";

    internal override Task<OperationResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new ChangeFeed(system).StopAsync(this, context, cancellationToken);
}

/// <summary>Starts and ends feeds, in one transaction with the proof that no version's rows were folded beyond that without them.</summary>
internal sealed class ChangeFeed(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">Nothing is live whose rows this program folds.</exception>
    public Task<OperationResult> StartAsync(StartFeedCommand command, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(system, command, context, (connection, snapshot) => StartAsync(connection, snapshot, command, context, cancellationToken), cancellationToken);

    public Task<OperationResult> StopAsync(StopFeedCommand command, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(system, command, context, (connection, snapshot) => StopAsync(connection, snapshot, command, context, cancellationToken), cancellationToken);

    private async Task<OperationResult> StartAsync(
        NpgsqlConnection connection, ProjectionSnapshot? snapshot, StartFeedCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        if (snapshot?.Live is not { External: false } live)
        {
            throw new OperationRefused($"Cannot start a feed of '{command.Projection}': {(snapshot?.Live is null ? "no version of it is live" : "another program writes what is live")}. Switch to a version first.");
        }

        if (system.Registry.Find(live.Id)?.Rows is null)
        {
            throw new OperationRefused(system.Registry.Find(live.Id) is null
                ? $"Cannot start a feed of '{command.Projection}': {live.Id} is live, and {system.Registry.WhyMissing(live.Id)}"
                : $"Cannot start a feed of '{command.Projection}': {live.Id} is made of SQL statements, which tell nobody what a row was before an event and after it.");
        }

        var before = await FeedState.ReadAsync(connection, command.Projection, cancellationToken);
        await connection.ExecuteAsync(
            """
            insert into projections.feed (projection, is_on, keep_for, keep_rows, changed_by) values ($1, true, $2, $3, $4)
            on conflict (projection) do update set is_on = true, keep_for = $2, keep_rows = $3, changed_by = $4, changed_at = clock_timestamp(),
                since = case when feed.is_on then feed.since else clock_timestamp() end
            """,
            cancellationToken,
            command.Projection.Value, command.Keep, (long?)command.KeepRows, context.Who);
        var kept = string.Create(
            CultureInfo.InvariantCulture, $"It keeps changes for {command.Keep.TotalHours:0.##} hours{(command.KeepRows is { } rows ? $", {rows} of them at most" : "")}.");
        if (before is { IsOn: true })
        {
            var (isChanged, published) = await PublishAsync(connection, command, cancellationToken);
            return new OperationResult(
                live.Id, $"The feed of '{command.Projection}' is on. {kept}{published}", AlreadyDone: !isChanged && before.KeepFor == command.Keep && before.KeepRows == command.KeepRows);
        }

        // From here on nobody commits rows that were folded without it; up to here nobody has folded with it.
        await FoldFence.RaiseAsync(connection, command.Projection, cancellationToken);
        var position = (await ProjectionCatalog.LockAsync(connection, live.Id, cancellationToken))!.Checkpoint
            ?? throw new OperationRefused($"Cannot start a feed of '{command.Projection}': {live.Id} has folded nothing yet. Try again in a moment.");
        await FeedLog.AddAsync(connection, FeedEntryKind.Start, live.Id, position, "", cancellationToken);
        return new OperationResult(
            live.Id, $"The feed of '{command.Projection}' has what becomes of its rows from position {position} on. {kept}{(await PublishAsync(connection, command, cancellationToken)).Outcome}");
    }

    /// <summary>Has it published from here on, or no more.</summary>
    private static async Task<(bool IsChanged, string Outcome)> PublishAsync(NpgsqlConnection connection, StartFeedCommand command, CancellationToken cancellationToken)
    {
        if (command.Publish)
        {
            var isNew = await FeedPublication.BeginAsync(connection, command.Projection, cancellationToken);
            return (isNew, $" {(isNew ? "From here on it" : "It")} is published on the bus, by a service with a broker ('Bus:Transport').");
        }

        return await FeedPublication.EndAsync(connection, command.Projection, cancellationToken) ? (true, " It is published on the bus no more.") : (false, "");
    }

    private static async Task<OperationResult> StopAsync(
        NpgsqlConnection connection, ProjectionSnapshot? snapshot, StopFeedCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        var version = new VersionId(command.Projection, snapshot?.LiveVersion ?? 0);
        if (await FeedState.ReadAsync(connection, command.Projection, cancellationToken) is not { IsOn: true })
        {
            return new OperationResult(version, $"'{command.Projection}' has no feed.", AlreadyDone: true);
        }

        await FoldFence.RaiseAsync(connection, command.Projection, cancellationToken);
        await connection.ExecuteAsync(
            "update projections.feed set is_on = false, changed_by = $2, changed_at = clock_timestamp() where projection = $1", cancellationToken, command.Projection.Value, context.Who);
        await FeedPublication.EndAsync(connection, command.Projection, cancellationToken);
        // What was kept is dropped in small steps by the workers.
        await connection.ExecuteAsync(
            "update projections.feed_entry set is_pending = false where projection = $1 and is_pending", cancellationToken, command.Projection.Value);
        return new OperationResult(version, $"'{command.Projection}' has no feed any more. What was kept is dropped.");
    }
}
