using System.Text.Json;
using Spectre.Console;

namespace Projections.CommandLine.Terminal;

/// <summary>
/// What people see. Answers go to the standard output, complaints to the error output; with <c>--json</c> the standard output holds
/// one JSON document and nothing else.
/// </summary>
/// <param name="json">Whether scripts read the answer.</param>
/// <param name="output">Where it goes; the standard output when <c>null</c>.</param>
/// <param name="documents">Where JSON documents are collected, in place of being written; <c>null</c> where they are not.</param>
internal sealed class Screen(bool json, TextWriter? output = null, ICollection<object>? documents = null)
{
    /// <summary>Whether scripts read the answer.</summary>
    public bool IsJson { get; } = json;

    /// <summary>Where lines go.</summary>
    public TextWriter Out => output ?? Console.Out;

    /// <summary>Whether a person looks at it, so that lines may be redrawn.</summary>
    public bool IsLive { get; } = !json && output is null && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;

    /// <summary>Says something along the way; scripts do not see it.</summary>
    public void Say(string line)
    {
        if (!IsJson)
        {
            Out.WriteLine(line);
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
            Out.WriteLine(line);
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

    /// <summary>Says what went wrong, where the answer itself tells scripts of it.</summary>
    public void Complain(string line) => (output ?? Console.Error).WriteLine(line);

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

    private void WriteJson(object document)
    {
        if (documents is not null)
        {
            documents.Add(document);
            return;
        }

        Out.WriteLine(JsonSerializer.Serialize(document, document.GetType(), JsonText.Options));
    }
}
