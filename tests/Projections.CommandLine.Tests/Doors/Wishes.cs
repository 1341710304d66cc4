using Projections.Checks;
using Projections.Commands;
using Projections.Contracts;
using Projections.Definitions;
using Projections.Events;
using Projections.Operations;
using Projections.Verification;
using Projections.WorkOrders;
using ShowEvent = Projections.Contracts.ShowEvent;
using CheckCatchUp = Projections.Contracts.CheckCatchUp;
using WidenContract = Projections.Contracts.WidenContract;

namespace Projections.CommandLine.Doors;

/// <summary>Everything that can be wished for. Each property of each command has another value than its default in one of them.</summary>
internal static class Wishes
{
    private const string Why = "month end";

    private static readonly ProjectionName Tally = new("tally");

    private static readonly Guid Order = Guid.Parse("0d1f6d1e-5f0a-4f0a-9f57-0c8a4f1c2b3d");

    public static IReadOnlyList<Wish> All { get; } =
    [
        new(
            "rebuild tally --to 2 --switch auto --throttle 5000 --shards 4 --from-events --anew --why 'month end'",
            """{"to": 2, "switchWhenReady": true, "throttle": 5000, "shards": 4, "fromEvents": true, "anew": true, "why": "month end"}""",
            new RebuildProjection { Version = 2, SwitchWhenReady = true, EventsPerSecond = 5000, Shards = 4, FromEvents = true, Anew = true },
            new RebuildCommand { To = 2, SwitchWhenReady = true, Throttle = 5000, Shards = 4, FromEvents = true, Anew = true }),
        new(
            "rebuild tally customer_total open_account --why 'month end'",
            """{"with": ["customer_total", "open_account"], "why": "month end"}""",
            new RebuildProjection { With = ["customer_total", "open_account"] },
            new RebuildCommand { With = ["customer_total", "open_account"] }),
        new("pause tally --version 2 --why 'month end'", """{"version": 2, "why": "month end"}""", new PauseRebuild { Version = 2 }, new PauseCommand { Version = 2 }),
        new(
            "resume tally --version 2 --set-aside 561400 --reason 'month end'",
            """{"version": 2, "setAside": "561400", "why": "month end"}""",
            new ResumeRebuild { Version = 2, SetAside = "561400" },
            new ResumeCommand { Version = 2, SetAside = new EventPosition(561_400) }),
        new(
            "show-event tally --version 2 --position 7 --why 'month end'", """{"version": 2, "position": "7", "why": "month end"}""",
            new ShowEvent { Version = 2, Position = "7" },
            new ShowEventCommand { Version = 2, Position = new EventPosition(7) }),
        new("show-rows tally --to 2 --why 'month end'", """{"to": 2, "why": "month end"}""", null, new ShowRowsCommand { To = 2 }),
        new(
            "explain tally a,2 --from 1 --to 2 --why 'month end'", """{"key": "a,2", "from": 1, "to": 2, "why": "month end"}""",
            null,
            new ExplainCommand { Key = "a,2", From = 1, To = 2 }),
        new("abort tally --version 2 --why 'month end'", """{"version": 2, "why": "month end"}""", new AbortRebuild { Version = 2 }, new AbortCommand { Version = 2 }),
        new(
            "throttle tally 5000 --version 2 --why 'month end'", """{"eventsPerSecond": 5000, "version": 2, "why": "month end"}""",
            new ThrottleRebuild { EventsPerSecond = 5000, Version = 2 }, new SetThrottleCommand { EventsPerSecond = 5000, Version = 2 }),
        new(
            "switch tally --to 2 --with customer_total=3 --with open_account=2 --keep-contract --allow-smaller --ignore-old-snapshots --accept-external --accept-access --accept-slower --require-verified --verified-within 5m --max-lag 3s --lock-timeout 50ms --patience 2m --why 'month end'",
            $$"""{"to": 2, {{Switching}}, "why": "month end"}""",
            new SwitchProjection
            {
                Version = 2, With = ["customer_total=3", "open_account=2"], KeepContract = true, AllowSmaller = true, IgnoreOldSnapshots = true, AcceptExternal = true, AcceptAccess = true, AcceptSlower = true,
                RequireVerified = true, VerifiedWithinMinutes = 5, MaxLagSeconds = 3, LockTimeoutMilliseconds = 50, PatienceSeconds = 120,
            },
            new SwitchCommand
            {
                To = 2, With = ["customer_total=3", "open_account=2"], KeepContract = true, AllowSmaller = true, IgnoreOldSnapshots = true, AcceptExternal = true, AcceptAccess = true, AcceptSlower = true,
                RequireVerified = true, VerifiedWithin = TimeSpan.FromMinutes(5), MaxLag = TimeSpan.FromSeconds(3), LockTimeout = TimeSpan.FromMilliseconds(50), Patience = TimeSpan.FromMinutes(2),
            }),
        new(
            "rollback tally --from 2 --with customer_total=3 --with open_account=2 --keep-contract --allow-smaller --ignore-old-snapshots --accept-external --accept-access --accept-slower --require-verified --verified-within 5m --max-lag 3s --lock-timeout 50ms --patience 2m --why 'month end'",
            $$"""{"from": 2, {{Switching}}, "why": "month end"}""",
            new RollbackProjection
            {
                From = 2, With = ["customer_total=3", "open_account=2"], KeepContract = true, AllowSmaller = true, IgnoreOldSnapshots = true, AcceptExternal = true, AcceptAccess = true, AcceptSlower = true,
                RequireVerified = true, VerifiedWithinMinutes = 5, MaxLagSeconds = 3, LockTimeoutMilliseconds = 50, PatienceSeconds = 120,
            },
            new RollbackCommand
            {
                From = 2, With = ["customer_total=3", "open_account=2"], KeepContract = true, AllowSmaller = true, IgnoreOldSnapshots = true, AcceptExternal = true, AcceptAccess = true, AcceptSlower = true,
                RequireVerified = true, VerifiedWithin = TimeSpan.FromMinutes(5), MaxLag = TimeSpan.FromSeconds(3), LockTimeout = TimeSpan.FromMilliseconds(50), Patience = TimeSpan.FromMinutes(2),
            }),
        // Nothing said: the defaults are the same, too.
        new("switch tally --to 1 --why 'month end'", """{"to": 1, "why": "month end"}""", new SwitchProjection { Version = 1 }, new SwitchCommand { To = 1 }),
        new("rollback tally --why 'month end'", """{"why": "month end"}""", new RollbackProjection(), new RollbackCommand()),
        new("verify tally --why 'month end'", """{"why": "month end"}""", new VerifyProjection(), new VerifyCommand()),
        new("retire tally --version 1 --why 'month end'", """{"version": 1, "why": "month end"}""", new RetireVersion { Version = 1 }, new RetireCommand { Version = 1 }),
        new("adopt tally --at 8812/8790 --why 'month end'", """{"at": "8812/8790", "why": "month end"}""", new AdoptTable { At = "8812/8790" }, new AdoptCommand { At = new EventPosition(8812, 8790) }),
        new("contract tally --why 'month end'", """{"why": "month end"}""", new WidenContract(), new WidenContractCommand()),
        new("accept tally --version 2 --why 'month end'", """{"version": 2, "why": "month end"}""", new AcceptVersion { Version = 2 }, new AcceptCommand { Version = 2 }),
        new(
            "dead-letters tally retry --version 2 --position 7 --why 'month end'", """{"version": 2, "position": "7", "why": "month end"}""",
            new RetryDeadLetters { Version = 2, Position = "7" },
            new RetryDeadLettersCommand { Version = 2, Position = new EventPosition(7) }),
        new(
            "dead-letters tally discard --version 2 --position 7 --why 'month end'", """{"version": 2, "position": "7", "why": "month end"}""",
            new DiscardDeadLetters { Version = 2, Position = "7" },
            new DiscardDeadLettersCommand { Version = 2, Position = new EventPosition(7) }),
        new(
            "reactions tally start --reaction receipt_mail --from 7 --why 'month end'", """{"reaction": "receipt_mail", "from": "7", "why": "month end"}""",
            new StartReactions { Reaction = "receipt_mail", From = "7" },
            new StartReactionsCommand { Reaction = "receipt_mail", From = new EventPosition(7) }),
        new(
            "reactions tally stop --reaction receipt_mail --why 'month end'", """{"reaction": "receipt_mail", "why": "month end"}""",
            new StopReactions { Reaction = "receipt_mail" },
            new StopReactionsCommand { Reaction = "receipt_mail" }),
        new(
            "reactions tally retry --reaction receipt_mail --position 7 --why 'month end'", """{"reaction": "receipt_mail", "position": "7", "why": "month end"}""",
            new RetryReactions { Reaction = "receipt_mail", Position = "7" },
            new RetryReactionsCommand { Reaction = "receipt_mail", Position = new EventPosition(7) }),
        new(
            "reactions tally discard --reaction receipt_mail --position 7 --why 'month end'", """{"reaction": "receipt_mail", "position": "7", "why": "month end"}""",
            new DiscardReactions { Reaction = "receipt_mail", Position = "7" },
            new DiscardReactionsCommand { Reaction = "receipt_mail", Position = new EventPosition(7) }),
        new(
            "feed tally start --keep 90m --keep-rows 7 --publish --why 'month end'", """{"keepMinutes": 90, "keepRows": 7, "publish": true, "why": "month end"}""",
            new StartFeed { KeepMinutes = 90, KeepRows = 7, Publish = true },
            new StartFeedCommand { Keep = TimeSpan.FromMinutes(90), KeepRows = 7, Publish = true }),
        new("feed tally stop --why 'month end'", """{"why": "month end"}""", new StopFeed(), new StopFeedCommand()),
        new("check tally --why 'month end'", """{"why": "month end"}""", new CheckCatchUp(), new CheckCommand()),
        new(
            "verify tally --from 1 --to 2 --patience 90s --why 'month end'", """{"from": 1, "to": 2, "patienceSeconds": 90, "why": "month end"}""",
            new VerifyProjection { ComparedWith = 1, Version = 2, PatienceSeconds = 90 },
            new VerifyCommand { From = 1, To = 2, Patience = TimeSpan.FromSeconds(90) }),
        new(
            "verify tally --against-events --version 2 --sample 5% --why 'month end'", """{"againstEvents": true, "version": 2, "sample": 0.05, "why": "month end"}""",
            new VerifyProjection { AgainstEvents = true, Version = 2, Sample = 0.05 },
            new VerifyCommand { AgainstEvents = true, Version = 2, Sample = 0.05 }),
        new(
            "repair tally --version 2 --key a --key b,2 --stream s-1 --tenant north --where-different --why 'month end'",
            """{"version": 2, "keys": ["a", "b,2"], "streams": ["s-1"], "tenant": "north", "whereDifferent": true, "why": "month end"}""",
            new RepairProjection { Version = 2, Keys = ["a", "b,2"], Streams = ["s-1"], Tenant = "north", WhereDifferent = true },
            new RepairCommand { Version = 2, Keys = ["a", "b,2"], Streams = ["s-1"], Tenant = "north", WhereDifferent = true }),
        new("rebuild tally --dry-run --to 2 --sample 5% --why 'month end'", """{"to": 2, "sample": 0.05, "why": "month end"}""", null, new DryRunCommand { To = 2, Sample = 0.05 }),
        new($"orders tally cancel --id {Order} --why 'month end'", """{"why": "month end"}""", new CancelWork { Order = Order }, new CallOffOrderCommand { Order = Order }),
    ];

    private static string Switching =>
        "\"with\": [\"customer_total=3\", \"open_account=2\"], \"keepContract\": true, \"allowSmaller\": true, \"ignoreOldSnapshots\": true, \"acceptExternal\": true, \"acceptAccess\": true, \"acceptSlower\": true, \"requireVerified\": true, "
        + "\"verifiedWithinMinutes\": 5, \"maxLagSeconds\": 3, \"lockTimeoutMilliseconds\": 50, \"patienceSeconds\": 120";

    /// <summary>What every wish says beside its own.</summary>
    public static Command Complete(Command meant) => meant with { Projection = Tally, Why = Why };
}
