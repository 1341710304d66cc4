using System.CommandLine;
using System.Globalization;
using Projections.CommandLine.Terminal;
using Projections.Migrations.Running;
using Projections.Migrations.Tenants;
using Projections.Migrations.Tracking;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary><c>migrate status</c>: what is applied, and what is not.</summary>
internal sealed class MigrateStatusVerb : MigrationVerb
{
    private readonly Option<bool> _exitCode = new("--exit-code") { Description = "End with 3 unless everything is applied as its file says." };

    public MigrateStatusVerb()
        : base(
            "status",
            "Shows which migrations are applied, pending, changed, missing or out of order, when, by whom, and how long they took; and which tenant is where.",
            "projections migrate status --service billing",
            "projections migrate status --service billing --exit-code --json") =>
        Options.Add(_exitCode);

    internal override bool Folds => true;

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var (options, database, _) = Open(call);
        await using var __ = database;
        var status = await RunnerFor(call, database, options).StatusAsync(stop);
        call.Screen.Answer(Document(status), Listings(status));
        call.NeedsALook.AddRange(NeedALook(status));
        return status.IsCurrent || !call.Arguments.GetValue(_exitCode) ? ExitCode.Done : ExitCode.Refused;
    }

    private static IEnumerable<string> NeedALook(StatusReport status) =>
    [
        .. status.Service.Where(line => !IsApplied(line.State)).Select(line => $"{line.Id} is {StateText(line.State)}."),
        .. status.Tenants.SelectMany(tenant => tenant.Migrations.Where(line => !IsApplied(line.State)).Select(line => $"{line.Id} is {StateText(line.State)} in {tenant.Schema}.")),
    ];

    private static bool IsApplied(MigrationState state) => state is MigrationState.Applied or MigrationState.AppliedLineEndsDiffer;

    private static object Document(StatusReport status) => new
    {
        status.IsCurrent,
        Migrations = status.Service.Select(Document),
        Tenants = status.Tenants.Select(tenant => new { tenant.Schema, tenant.Pending, Migrations = tenant.Migrations.Select(Document) }),
    };

    private static object Document(MigrationStatus line) => new
    {
        line.Id,
        line.State,
        line.Tracked?.AppliedAt,
        Milliseconds = line.Tracked is { } tracked ? (long)tracked.ExecutionTime.TotalMilliseconds : (long?)null,
        line.Tracked?.AppliedBy,
        line.Tracked?.Checksum,
        FileChecksum = line.Migration?.Up.Checksums.Raw,
        line.HasOtherWayBack,
        line.Tracked?.ToolVersion,
        line.Tracked?.SafetySkipped,
    };

    private static IEnumerable<Listing> Listings(StatusReport status)
    {
        var service = new Listing("migration", "state", "applied", "took", "by");
        foreach (var line in status.Service)
        {
            service.Add(
                line.Id, $"{StateText(line.State)}{(line.HasOtherWayBack ? " (its way back has changed since)" : "")}", line.Tracked?.AppliedAt.ToString("u", CultureInfo.InvariantCulture) ?? "",
                line.Tracked is { } tracked ? $"{tracked.ExecutionTime.TotalMilliseconds:0} ms" : "", line.Tracked?.AppliedBy ?? "");
        }

        if (status.IsCurrent)
        {
            service.Note("Everything is applied.");
        }

        yield return service;
        if (status.Tenants.Count > 0)
        {
            yield return Tenants(status.Tenants);
        }
    }

    private static Listing Tenants(IReadOnlyList<TenantStatus> tenants)
    {
        var listing = new Listing("tenant", "newest", "pending", "state");
        foreach (var tenant in tenants)
        {
            var worst = tenant.Migrations.Select(line => line.State).Where(state => state is not (MigrationState.Applied or MigrationState.Pending or MigrationState.AppliedLineEndsDiffer)).ToList();
            listing.Add(
                tenant.Schema, tenant.Newest?.Id ?? "", tenant.Pending.ToString(CultureInfo.InvariantCulture),
                worst.Count > 0 ? StateText(worst[0]) : tenant.Pending > 0 ? "pending" : "current");
        }

        return listing;
    }

    private static string StateText(MigrationState state) => state switch
    {
        MigrationState.AppliedLineEndsDiffer => "applied (only line ends differ)",
        MigrationState.OutOfOrder => "out of order",
        _ => state.ToString().ToLowerInvariant(),
    };
}
