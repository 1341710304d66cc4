using System.Text.RegularExpressions;
using Projections.EventStoreDb.Protocol;
using Projections.EventStoreDb.TestServer.Log;

namespace Projections.EventStoreDb.TestServer.Services;

/// <summary>The filter of a read of the whole log: by type or stream, by prefixes or a regular expression.</summary>
internal sealed class RecordFilter(ReadReq.Types.FilterOptions? options)
{
    private readonly bool _byType = options?.FilterCase == ReadReq.Types.FilterOptions.FilterOneofCase.EventType;
    private readonly string[]? _prefixes = Expression(options)?.Prefix is { Count: > 0 } prefixes ? [.. prefixes] : null;
    private readonly Regex? _regex = Expression(options)?.Regex is { Length: > 0 } regex ? new Regex(regex, RegexOptions.Compiled) : null;

    // Types come again and again: the server is not to be what is measured.
    private readonly Dictionary<string, bool> _types = new(StringComparer.Ordinal);

    public bool Matches(TestRecord record)
    {
        if (options is null)
        {
            return true;
        }

        if (!_byType)
        {
            return MatchesName(record.Stream);
        }

        if (!_types.TryGetValue(record.Type, out var matches))
        {
            matches = MatchesName(record.Type);
            _types.Add(record.Type, matches);
        }

        return matches;
    }

    private bool MatchesName(string name) => _regex?.IsMatch(name) ?? StartsWithAny(name);

    private bool StartsWithAny(string name)
    {
        foreach (var prefix in _prefixes ?? [])
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static ReadReq.Types.Expression? Expression(ReadReq.Types.FilterOptions? options) =>
        options is null ? null : options.EventType ?? options.StreamIdentifier;
}
