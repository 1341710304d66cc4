using System.Text.Json;
using Spectre.Console;

namespace Projections.CommandLine.Terminal;

/// <summary>
/// What people see. Answers go to the standard output, complaints to the error output; with <c>--json</c> the standard output holds
/// one JSON document and nothing else.
/// </summary>
internal sealed class Screen(bool json)
{
    /// <summary>Whether scripts read the answer.</summary>
    public bool IsJson { get; } = json;

    /// <summary>Whether a person looks at it, so that lines may be redrawn.</summary>
    public bool IsLive { get; } = !json && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;

    /// <summary>Says something along the way; scripts do not see it.</summary>
    public void Say(string line)
    {
        if (!IsJson)
        {
            Console.Out.WriteLine(line);
        }
    }

    /// <summary>Says something that is no part of the answer, and that people who run a script ought to see as well.</summary>
    public static void Warn(string line) => Console.Error.WriteLine(line);

    /// <summary>Gives the answer: to scripts <paramref name="document"/>, to people <paramref name="line"/>.</summary>
    public void Answer(object document, string line)
    {
        if (IsJson)
        {
            WriteJson(document);
        }
        else
        {
            Console.Out.WriteLine(line);
        }
    }

    /// <summary>Gives the answer: to scripts <paramref name="document"/>, to people <paramref name="listings"/>.</summary>
    public void Answer(object document, params IEnumerable<Listing> listings)
    {
        if (IsJson)
        {
            WriteJson(document);
            return;
        }

        foreach (var listing in listings)
        {
            listing.WriteTo(this);
        }
    }

    public void Complain(Failure failure, Exception? details)
    {
        if (IsJson)
        {
            WriteJson(new { Error = new { failure.Kind, failure.Message, failure.Gates, failure.Refusals, failure.Safety, failure.Problems } });
        }

        Console.Error.WriteLine(failure.Message);
        if (details is not null)
        {
            Console.Error.WriteLine(details);
        }
    }

    private static void WriteJson(object document) => Console.Out.WriteLine(JsonSerializer.Serialize(document, document.GetType(), JsonText.Options));
}
