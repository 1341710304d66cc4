using System.Globalization;
using Projections.CommandLine.Terminal;
using Projections.Operations;

namespace Projections.CommandLine.Commands;

/// <summary><c>fleet</c>: the programs that work, and on what.</summary>
internal sealed class FleetVerb() : Verb(
    "fleet", "Shows the programs that work on the read models, their releases, and what each of them holds.", "projections fleet", "projections fleet --json", "projections fleet --all-databases")
{
    internal override bool Folds => true;

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var fleet = await new ReadFleet(await call.OpenForALookAsync(stop)).RunAsync(stop);
        call.Screen.Answer(fleet, TextOf(fleet));
        call.NeedsALook.AddRange(fleet.Troubles);
        return ExitCode.Done;
    }

    private static Listing TextOf(FleetReport fleet)
    {
        var listing = new Listing("Worker", "Release", "Holds", "Carries out", "Sessions") { Title = $"Read models in {fleet.Database}, PostgreSQL {fleet.Server}; events from {fleet.Source}" };
        foreach (var worker in fleet.Workers)
        {
            listing.Add(
                worker.Worker,
                worker.Release ?? "unknown",
                worker.Versions.Count == 0 ? "nothing" : string.Join(", ", worker.Versions),
                worker.Orders.Count == 0 ? "nothing" : string.Join(", ", worker.Orders),
                worker.Sessions == 0 ? "none: it is gone" : worker.Sessions.ToString(CultureInfo.InvariantCulture));
        }

        foreach (var trouble in fleet.Troubles)
        {
            listing.Note(trouble);
        }

        return listing;
    }
}
