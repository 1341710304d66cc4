using System.CommandLine;
using System.Globalization;
using Projections.CommandLine.Terminal;
using Projections.Definitions;
using Projections.Operations;
using Projections.Reports;

namespace Projections.CommandLine.Commands.Release;

/// <summary><c>release plan</c>: what the switch of all that the file names would do, and what stands in its way.</summary>
internal sealed class ReleasePlanVerb : Verb
{
    private readonly Argument<Lazy<IReadOnlyList<VersionId>>> _file = ReleaseFile.Argument();

    public ReleasePlanVerb()
        : base("plan", "Shows what 'release apply' would do to readers, and which gates are shut. Nothing is done.", "projections release plan shop.yaml") =>
        Arguments.Add(_file);

    /// <returns><see cref="ExitCode.Refused"/> when a gate is shut, so that a script need not read the listing.</returns>
    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        var previews = new List<SwitchPreview>();
        foreach (var version in call.Arguments.GetRequiredValue(_file).Value)
        {
            previews.Add(await SwitchPreview.ReadAsync(system, version, new SwitchCommand { Projection = version.Projection, To = version.Number }, stop));
        }

        call.Screen.Answer(previews, Listed(previews));
        return previews.Any(preview => preview.Gates.Count > 0) ? ExitCode.Refused : ExitCode.Done;
    }

    private static Listing Listed(List<SwitchPreview> previews)
    {
        var shut = previews.Count(preview => preview.Gates.Count > 0);
        var listing = new Listing("Projection", "Live", "To", "For readers")
        {
            Title = shut == 0
                ? "All gates are open."
                : string.Create(CultureInfo.InvariantCulture, $"Would be refused: of {shut} of {previews.Count} projections a gate is shut."),
        };
        foreach (var preview in previews)
        {
            listing.Add(
                preview.Projection.Value,
                preview.From is { } from ? string.Create(CultureInfo.InvariantCulture, $"v{from}") : "none",
                string.Create(CultureInfo.InvariantCulture, $"v{preview.To}"),
                preview.From == preview.To ? "nothing changes: it is live already" : preview.Change is { } change ? ChangeText.Of(change) : "not built yet");
            foreach (var gate in preview.Gates)
            {
                listing.Note($"{preview.Projection} v{preview.To}, {gate}");
            }
        }

        return listing;
    }
}
