using System.Text.RegularExpressions;
using Projections.TestServers.Faults;

namespace Projections.EndToEnd.StatementFaults;

/// <summary>A place in the life of a version at which a statement is sent.</summary>
/// <param name="Step">In which step of it.</param>
/// <param name="Statement">The statement and, where that says nothing by itself, the one before it.</param>
/// <param name="Time">The how manieth of its kind in that step.</param>
internal sealed record FaultPlace(string Step, string Statement, int Time)
{
    public override string ToString() => $"'{Statement}' ({Time}.) of '{Step}'";
}

/// <summary>The places that a life has come by.</summary>
internal sealed partial class FaultPlaces
{
    /// <summary>What is sent again and again is the same the third time.</summary>
    private const int MostTimes = 2;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Step, string Statement), int> _times = [];
    private readonly List<FaultPlace> _places = [];
    private string _step = "";

    /// <summary>In the order in which they were come by.</summary>
    public IReadOnlyList<FaultPlace> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _places];
            }
        }
    }

    public void Begin(string step)
    {
        lock (_lock)
        {
            _step = step;
        }
    }

    /// <returns>Where that is, or <c>null</c> when it has been there often enough.</returns>
    public FaultPlace? Note(SentStatement sent)
    {
        var statement = NameOf(sent);
        lock (_lock)
        {
            var time = _times[(_step, statement)] = _times.GetValueOrDefault((_step, statement)) + 1;
            if (time > MostTimes)
            {
                return null;
            }

            var place = new FaultPlace(_step, statement, time);
            _places.Add(place);
            return place;
        }
    }

    private static string NameOf(SentStatement sent)
    {
        var text = OneLine(sent.Text);
        return text.Contains(' ', StringComparison.Ordinal) && !text.StartsWith('R') ? text : $"{text} after {OneLine(sent.After ?? "")}";
    }

    // A schema that something is tried in has another name each time.
    private static string OneLine(string text) => Guids().Replace(Spaces().Replace(text, " ").Trim(), "…");

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex Guids();
}
