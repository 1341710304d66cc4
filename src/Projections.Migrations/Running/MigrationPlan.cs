using Projections.Migrations.Tracking;

namespace Projections.Migrations.Running;

/// <summary>Decides which migrations are to run, or why none may.</summary>
internal static class MigrationPlan
{
    /// <param name="statuses">Where the database is.</param>
    /// <param name="to">The last version to apply; <c>null</c> for all.</param>
    /// <param name="allowOutOfOrder">Whether a migration may be applied after a newer one.</param>
    /// <exception cref="MigrationRefused">Something does not fit.</exception>
    public static IReadOnlyList<MigrationStatus> Up(IReadOnlyList<MigrationStatus> statuses, long? to, bool allowOutOfOrder)
    {
        Refuse([.. Mismatches(statuses), .. OutOfOrder(statuses, to, allowOutOfOrder), .. Reverting(statuses)]);
        return
        [
            .. statuses.Where(status =>
                status.State is MigrationState.Pending or MigrationState.OutOfOrder or MigrationState.Interrupted
                && status.Version <= (to ?? long.MaxValue)),
        ];
    }

    /// <param name="statuses">Where the database is.</param>
    /// <param name="to">The newest version that stays; 0 for none.</param>
    /// <returns>What is taken back, newest first.</returns>
    /// <exception cref="MigrationRefused">Something does not fit, or there is no way back.</exception>
    public static IReadOnlyList<MigrationStatus> Down(IReadOnlyList<MigrationStatus> statuses, long to)
    {
        IReadOnlyList<MigrationStatus> plan =
            [.. statuses.Where(status => status is { Tracked: not null, IsRepeatable: false } && status.Version > to).Reverse()];
        Refuse([.. Mismatches(plan), .. Irreversible(plan)]);
        return plan;
    }

    private static void Refuse(IReadOnlyList<Refusal> refusals)
    {
        if (refusals.Count > 0)
        {
            throw new MigrationRefused(refusals);
        }
    }

    private static IEnumerable<Refusal> Mismatches(IEnumerable<MigrationStatus> statuses)
    {
        foreach (var status in statuses)
        {
            if (status.State == MigrationState.Changed)
            {
                yield return new Refusal(
                    "changed",
                    $"{status.Id} has changed since it was applied at {status.Tracked!.AppliedAt:u} (applied: {status.Tracked.Checksum}, file: {status.Migration!.Up.Checksums.Raw}). Put the file back as it was, and make the change in a new migration.");
            }
            else if (status.State == MigrationState.Missing)
            {
                yield return new Refusal(
                    "missing",
                    $"{status.Id} was applied at {status.Tracked!.AppliedAt:u} by {status.Tracked.AppliedBy}, and its files are gone. Bring them back from version control, or deploy the version that has them.");
            }
        }
    }

    private static IEnumerable<Refusal> OutOfOrder(IReadOnlyList<MigrationStatus> statuses, long? to, bool isAllowed) =>
        isAllowed
            ? []
            : statuses
                .Where(status => status.State == MigrationState.OutOfOrder && status.Version <= (to ?? long.MaxValue))
                .Select(status => new Refusal(
                    "out-of-order",
                    $"{status.Id} is pending, but newer ones are applied already. Give it a number behind them, or allow it with --allow-out-of-order if it does not depend on the order."));

    private static IEnumerable<Refusal> Reverting(IReadOnlyList<MigrationStatus> statuses) =>
        statuses
            .Where(status => status.State == MigrationState.Reverting)
            .Select(status => new Refusal(
                "reverting",
                $"{status.Id} is half taken back: its way back was interrupted. Finish that with 'projections migrate down --steps 1' first."));

    private static IEnumerable<Refusal> Irreversible(IEnumerable<MigrationStatus> plan) =>
        plan
            .Where(status => status.Migration?.Down?.FrontMatter.Irreversible is not null)
            .Select(status => new Refusal(
                "irreversible",
                $"{status.Id} cannot be taken back: {status.Migration!.Down!.FrontMatter.Irreversible}"));
}
