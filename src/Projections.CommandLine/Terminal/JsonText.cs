using System.Text.Encodings.Web;
using System.Text.Json;
using Projections.Catalog;

namespace Projections.CommandLine.Terminal;

/// <summary>How answers are written as JSON on the standard output.</summary>
internal static class JsonText
{
    public static readonly JsonSerializerOptions Options = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            WriteIndented = true,
            // The output is not put into a web page; umlauts and arrows stay readable.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        ReportJson.Configure(options);
        return options;
    }
}
