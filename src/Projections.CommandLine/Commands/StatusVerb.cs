using System.CommandLine;
using Projections.Commands;
using Projections.Definitions;
using Projections.CommandLine.Terminal;
using Projections.Reports;
using Spectre.Console;

namespace Projections.CommandLine.Commands;

/// <summary><c>status</c>: all that is known of one projection or all.</summary>
internal sealed class StatusVerb : Verb
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private readonly Argument<ProjectionName?> _projection = ProjectionArgument.Optional();
    private readonly Option<bool> _watch = new("--watch") { Description = "Go on showing it until Ctrl-C." };

    public StatusVerb()
        : base(
            "status",
            "Shows each version's state, position, lag, rate, failures and dead letters, and what a switch to it would do.",
            "projections status",
            "projections status invoice_summary --watch",
            "projections status invoice_summary --json")
    {
        Arguments.Add(_projection);
        Options.Add(_watch);
    }

    internal override bool Folds => true;

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenForALookAsync(stop);
        if (!call.Arguments.GetValue(_watch))
        {
            var projections = await ReadAsync(call, system, stop);
            call.NeedsALook.AddRange(projections.SelectMany(StatusListing.NeedALook));
            call.Screen.Answer(projections, projections.Select(StatusListing.Details));
            call.WarnOnce(StatusListing.Unmade(system.Registry));
            return ExitCode.Done;
        }

        try
        {
            await WatchAsync(call, system, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The one way to end it, and so no failure.
        }

        return ExitCode.Done;
    }

    private async Task<IReadOnlyList<ProjectionReport>> ReadAsync(Invocation call, ProjectionSystem system, CancellationToken cancellationToken)
    {
        var only = call.Arguments.GetValue(_projection);
        var projections = await ProjectionReport.ReadAsync(system, only, cancellationToken);
        return only is null || projections.Count > 0
            ? projections
            : throw new OperationRefused($"There is no projection '{only}', neither in this program nor in the catalog. 'projections list' shows those that there are.", isMistake: true);
    }

    private async Task WatchAsync(Invocation call, ProjectionSystem system, CancellationToken stop)
    {
        if (!call.Screen.IsLive)
        {
            while (true)
            {
                var projections = await ReadAsync(call, system, stop);
                call.Screen.Answer(projections, projections.Select(StatusListing.Details));
                await Task.Delay(BetweenLooks, system.Time, stop);
            }
        }

        await AnsiConsole.Live(new Text("")).StartAsync(async context =>
        {
            while (true)
            {
                var listings = (await ReadAsync(call, system, stop)).Select(StatusListing.Details);
                context.UpdateTarget(new Rows(listings.SelectMany(listing => listing.Notes.Select(note => new Text(note)).Prepend<Spectre.Console.Rendering.IRenderable>(listing.Render()))));
                context.Refresh();
                await Task.Delay(BetweenLooks, system.Time, stop);
            }
        });
    }
}
