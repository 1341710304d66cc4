using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Faults;
using Projections.Postgres;
using Projections.Switching;

namespace Projections.Operations;

/// <summary>Asks for reads to move to another version.</summary>
[Verb("switch", "Moves reads to another version in one transaction, once every gate is open.")]
public sealed record SwitchCommand : SwitchingCommand
{
    /// <summary>The version.</summary>
    [Description("The version that reads go to."), Display(Name = "version"), Range(1, int.MaxValue), JsonRequired]
    public int To { get; init; }

    /// <inheritdoc/>
    [Description("Another projection whose reads move in the same transaction, and to which version: NAME=VERSION."), Display(Name = "others"), MaxLength(MostOthers)]
    public override IReadOnlyList<string> With { get; init; } = [];

    private protected override FormattableString Arguments => $"{To}{TextOfOthers}";

    internal override Task<IReadOnlyList<VersionId>> FindTargetsAsync(ProjectionSystem system, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<VersionId>>([new VersionId(Projection, To), .. OtherVersions]);

    internal override Task<SwitchResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new SwitchReads(system).RunAsync(this, context, cancellationToken);
}

/// <summary>Asks for reads to move back to the version that was live before the last switch.</summary>
[Verb("rollback", "Moves reads back to the version that was live before the last switch. It was kept current, so nothing is lost.")]
public sealed record RollbackCommand : SwitchingCommand
{
    /// <summary>The version that reads are to leave; whichever is live when <c>null</c>.</summary>
    [Description("The version that reads are to leave; refused where another one is live."), Range(1, int.MaxValue)]
    public int? From { get; init; }

    /// <inheritdoc/>
    [Description("Another projection whose reads move back in the same transaction, and the version that they leave: NAME=VERSION."), Display(Name = "others"), MaxLength(MostOthers)]
    public override IReadOnlyList<string> With { get; init; } = [];

    private protected override FormattableString Arguments => $"{From}{TextOfOthers}";

    internal override bool TakesTwo(ProjectionsOptions options, string projection) => false;

    internal override Task<IReadOnlyList<VersionId>> FindTargetsAsync(ProjectionSystem system, CancellationToken cancellationToken) =>
        new SwitchReads(system).FindPreviousAsync(this, cancellationToken);

    internal override Task<SwitchResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new SwitchReads(system).RunAsync(this, context, cancellationToken);
}

/// <summary>Switches reads to a version, or back to the one that was live before.</summary>
internal sealed class SwitchReads(ProjectionSystem system)
{
    /// <param name="command">What is asked for.</param>
    /// <param name="context">Who asks.</param>
    /// <param name="cancellationToken">Cancels the switch, as long as it is not being committed.</param>
    /// <exception cref="OperationRefused">There is no such projection, or no version stands by.</exception>
    /// <exception cref="SwitchRefused">A gate is shut, or the lock could not be had; reads stay where they are.</exception>
    /// <exception cref="OutcomeUnknown">The connection broke while the switch was committed, and the database stays away.</exception>
    internal async Task<SwitchResult> RunAsync(SwitchingCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        if (await OutlastAsync(() => FindDoneAsync(command, context, cancellationToken), cancellationToken) is { } done)
        {
            return done;
        }

        // Only now: of a command that was carried out before they are others.
        var targets = await OutlastAsync(() => command.FindTargetsAsync(system, cancellationToken), cancellationToken);
        var result = await new ReadSwitch(system).RunAsync(targets, command, context, cancellationToken);
        return result.AlreadyDone ? await OutlastAsync(() => RecordAsync(command, result, context, cancellationToken), cancellationToken) : result;
    }

    private Task<T> OutlastAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken) => PassingFault.OutlastAsync(work, system.Time, cancellationToken);

    private async Task<SwitchResult?> FindDoneAsync(SwitchingCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        if (await CommandLog.FindAsync(connection, command.IdentityOf(context), command.Projection, cancellationToken) is null)
        {
            return null;
        }

        var now = await system.Catalog.ReadAsync(command.Projection, cancellationToken);
        return new SwitchResult(command.Projection, null, now?.LiveVersion ?? 0, now?.Generation ?? 0, null, null, 0, AlreadyDone: true);
    }

    /// <summary>A command that found nothing to do is done, too: its second delivery, after another switch, must do nothing.</summary>
    private async Task<SwitchResult> RecordAsync(SwitchingCommand command, SwitchResult result, CommandContext context, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        try
        {
            await CommandLog.RecordAsync(connection, command.IdentityOf(context), command.Projection, result.To, $"v{result.To} was live already", command.ActorOf(context), cancellationToken);
        }
        catch (PostgresException exception) when (CommandLog.IsDuplicate(exception))
        {
            // Recorded by the switch itself, whose connection was lost at its end, or by another delivery.
        }

        return result;
    }

    /// <summary>The versions that a rollback goes to: those that were live before the last switch, the command's own first.</summary>
    /// <exception cref="OperationRefused">There is none, it was retired, or reads go to another version than those that they are to leave.</exception>
    public async Task<IReadOnlyList<VersionId>> FindPreviousAsync(RollbackCommand command, CancellationToken cancellationToken)
    {
        var previous = new List<VersionId> { await FindPreviousAsync(command.Projection, command.From, cancellationToken) };
        foreach (var other in command.OtherVersions)
        {
            previous.Add(await FindPreviousAsync(other.Projection, other.Number, cancellationToken));
        }

        return previous;
    }

    private async Task<VersionId> FindPreviousAsync(ProjectionName projection, int? from, CancellationToken cancellationToken)
    {
        var snapshot = await system.Catalog.ReadAsync(projection, cancellationToken)
            ?? throw new OperationRefused($"Cannot roll back '{projection}': the catalog has no version of it.", isMistake: true);
        var last = (await SwitchHistory.ReadAsync(system.Catalog, projection, cancellationToken)).FirstOrDefault(record => record.To == snapshot.LiveVersion);
        if (from is { } leaving && snapshot.LiveVersion != leaving)
        {
            return last?.From == leaving && last.To < leaving
                ? new VersionId(projection, last.To)
                : throw new OperationRefused($"Cannot roll back '{projection}' from v{leaving}: its reads go to {(snapshot.LiveVersion is { } live ? $"v{live}" : "no version")}.");
        }

        return last?.From is { } previous && snapshot.Find(previous) is { State: not VersionState.Retired }
            ? new VersionId(projection, previous)
            : throw new OperationRefused($"Cannot roll back '{projection}': no version that was live before is left. {(snapshot.Versions.Any(version => version.State == VersionState.Retired) ? "The previous one was retired; rebuild it first." : "")}".TrimEnd());
    }
}
