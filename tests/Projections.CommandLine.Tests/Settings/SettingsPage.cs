using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Projections.Bus;
using Projections.CommandLine.Service;
using Projections.Exporting;
using Projections.Hosting.Configuration;
using Projections.Hosting.Databases;
using Projections.Scheduling;
using Projections.Web;
using Projections.Web.Security;

namespace Projections.CommandLine.Settings;

/// <summary>Writes docs/settings.md from the classes that settings are bound to and the comments of their properties.</summary>
internal static partial class SettingsPage
{
    private static readonly (string Section, object Options, string What)[] Sections =
    [
        (SettingsReader.Engine, new ProjectionsOptions(), "How the engine works."),
        (SettingsReader.EventStore, new EventStoreOptions(), "Where the events are, beside the connection string."),
        ($"{DatabaseList.Databases}:NAME", new DatabaseOptions(), "One of several databases that the program serves, in place of `ConnectionStrings` ([scale.md](scale.md#many-databases)); `NAME` is what commands call it."),
        (DatabaseList.Section, new DatabaseListOptions(), "Databases that come and go while the program runs."),
        (CheckSettings.Section, new ScheduledCheckOptions(), "The scheduled checks ([checks.md](checks.md)). `Checks:Projections:NAME:…` has the same settings for one projection."),
        (WebSettings.Section, new WebOptions(), "HTTP and the page ([http.md](http.md))."),
        ($"{WebSettings.Section}:{nameof(WebOptions.Tokens)}", new TokenOptions(), "Tokens of an identity provider ([http.md](http.md#tokens-of-an-identity-provider))."),
        (BusOptions.Section, new BusOptions(), "The message bus ([bus.md](bus.md))."),
        (TelemetryOptions.Section, new TelemetryOptions(), "Metrics, traces and logs by OTLP ([metrics.md](metrics.md))."),
    ];

    private static readonly Dictionary<string, string> OfTheMachine = new() { [nameof(ProjectionsOptions.ReplayPartitions)] = "half of the processors, 1 to 8" };

    public static string Write()
    {
        var page = new StringBuilder(
            """
            # Settings

            They come from `appsettings.json` in the working folder, then from files in `/run/secrets` that have the names of settings, then from the environment
            (both `Projections__LeaseDuration`, with two underscores for a colon), then from the
            command line; later ones win. A wrong one is named with the way to set it. A duration is `hours:minutes:seconds`, with days in front as in `1.00:00:00`. This page is
            written from the code: see `SettingsPageTests`.

            | setting | type | default | meaning |
            | --- | --- | --- | --- |
            | `ConnectionStrings:ReadModels` | connection string | required | Where the read models and the catalog are: in the keys of Npgsql, or as a URL `postgres://…`. `DATABASE_URL` stands in for it. Option `--read-models`. |
            | `ConnectionStrings:Events` | connection string | the read models' | Where the events are, if they are in another database or in EventStoreDB (`esdb://…`). Option `--events`. |
            | `ConnectionStrings:EventsReplay` | connection string | none | A streaming standby of the server with the events, from which history is read ([event-sources.md](event-sources.md#history-from-a-standby)). |
            | `ConnectionStrings:DatabaseList` | connection string | none | Where `DatabaseList:Query` is run that lists the databases to serve. |
            | `Assemblies` | paths with `;` between | none | Assemblies of read models that the program was not built with. Option `--assembly`. |
            | `Logging:LogLevel:…` | level | `Warning`, for a worker `Information` | What is logged, as for any .NET program. |

            """.ReplaceLineEndings("\n"));
        foreach (var (section, options, what) in Sections)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {section}\n\n{what}\n\n| setting | type | default | meaning |\n| --- | --- | --- | --- |\n");
            foreach (var property in options.GetType().GetProperties().Where(property => property.SetMethod is not null && property.PropertyType != typeof(TokenOptions)))
            {
                page.Append(CultureInfo.InvariantCulture, $"| `{section}:{property.Name}` | {TypeOf(property)} | {DefaultOf(property, options)} | {MeaningOf(property)} |\n");
            }
        }

        return page.ToString();
    }

    private static string TypeOf(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var range = property.GetCustomAttribute<RangeAttribute>() is { } given ? $", {Text(given.Minimum)} to {Text(given.Maximum)}" : "";
        return (type.IsEnum ? string.Join(", ", Enum.GetNames(type).Select(name => $"`{name}`"))
            : type == typeof(TimeSpan) ? "duration"
            : type == typeof(bool) ? "`true`, `false`"
            : type == typeof(int) ? "whole number"
            : type == typeof(double) ? "number"
            : type == typeof(Uri) ? "address"
            : type == typeof(string) ? "text"
            : type == typeof(IReadOnlyList<RoleRights>) ? "`NAME` = `commands projections; …`"
            : "`NAME` = `role:sha256:…`") + range;
    }

    private static string DefaultOf(PropertyInfo property, object options) =>
        OfTheMachine.TryGetValue(property.Name, out var words) ? words
        : property.GetValue(options) switch
        {
            null or System.Collections.ICollection => "none",
            bool flag => flag ? "`true`" : "`false`",
            var value => $"`{Text(value)}`",
        };

    private static string Text(object value) => value is TimeSpan { Milliseconds: > 0 } time
        ? time.ToString("c", CultureInfo.InvariantCulture).TrimEnd('0')
        : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static string MeaningOf(PropertyInfo property)
    {
        var name = $"P:{property.DeclaringType!.FullName}.{property.Name}";
        var file = Path.ChangeExtension(property.DeclaringType.Assembly.Location, ".xml");
        var summary = XDocument.Load(file).Descendants("member").Single(member => member.Attribute("name")?.Value == name).Element("summary")!;
        return Spaces().Replace(string.Concat(summary.Nodes().Select(Word)), " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static string Word(XNode node) => node switch
    {
        XElement { Name.LocalName: "see" } see => $"`{see.Attribute("cref")!.Value.Split('.')[^1]}`",
        XElement code => $"`{code.Value}`",
        _ => ((XText)node).Value,
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
