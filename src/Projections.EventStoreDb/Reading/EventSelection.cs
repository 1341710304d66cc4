using System.Collections.Frozen;
using System.Text;
using Projections.Events;
using Projections.EventStoreDb.Protocol;

namespace Projections.EventStoreDb.Reading;

/// <summary>
/// Which events are wanted, said twice: to the server as far as it can filter (by prefixes of the type or of the stream, not by both),
/// and exactly, for what it sends.
/// </summary>
internal sealed class EventSelection
{
    /// <summary>The server answers after so many records, found or not.</summary>
    public const uint Window = 1_000;

    /// <summary>After so many of these it says how far it is.</summary>
    public const uint WindowsPerCheckpoint = 10;

    // So many streams are named to the server; more would cost it as much for each event as sending the event.
    private const int MostStreams = 400;

    // Types of the system begin with a dollar sign, those of links among them.
    private const string NotSystem = @"^[^\$].*";

    /// <summary>Everything there is, the system's own events too.</summary>
    public static readonly EventSelection Everything = new(null, null, takesSystem: true);

    private readonly FrozenSet<string>? _types;
    private readonly byte[]? _category;
    private readonly bool _takesSystem;
    private readonly FrozenSet<string>? _streams;

    private EventSelection(IEnumerable<string>? types, string? category, bool takesSystem, IEnumerable<StreamId>? streams = null)
    {
        _streams = streams?.SelectMany(NamesOf).ToFrozenSet(StringComparer.Ordinal);
        _types = types?.ToFrozenSet(StringComparer.Ordinal);
        _category = category is null ? null : Encoding.UTF8.GetBytes(category);
        _takesSystem = takesSystem;
    }

    /// <summary>What a filter wants. The system's own events only where their types are named.</summary>
    public static EventSelection Of(EventFilter filter) => new(filter.Types, filter.Category, takesSystem: false, filter.Streams);

    /// <summary>Whether an event is wanted.</summary>
    public bool Wants(string type, ReadOnlySpan<byte> stream) => WantsType(type) && WantsStream(stream);

    /// <summary>Whether an event is probably wanted: the category of a stream that is given as a UUID can no longer be told.</summary>
    public bool MayWant(string type, StreamId stream) => WantsType(type) && (stream.IsGuid || WantsStream(Encoding.UTF8.GetBytes(stream.Text)));

    /// <summary>What the server is told, or <c>null</c> when it is to send everything.</summary>
    public ReadReq.Types.FilterOptions? ToServer()
    {
        if (_takesSystem)
        {
            return null;
        }

        var options = new ReadReq.Types.FilterOptions { Max = Window, CheckpointIntervalMultiplier = WindowsPerCheckpoint };
        if (_streams is { Count: > 0 and <= MostStreams })
        {
            options.StreamIdentifier = new ReadReq.Types.Expression { Prefix = { _streams.Items } };
        }
        else if (_types is not null)
        {
            options.EventType = new ReadReq.Types.Expression { Prefix = { _types.Items } };
        }
        else if (_category is not null)
        {
            options.StreamIdentifier = new ReadReq.Types.Expression { Prefix = { Encoding.UTF8.GetString(_category) } };
        }
        else
        {
            options.EventType = new ReadReq.Types.Expression { Regex = NotSystem };
        }

        return options;
    }

    private bool WantsType(string type) => _types is null ? _takesSystem || type.Length == 0 || type[0] != '$' : _types.Contains(type);

    private bool WantsStream(ReadOnlySpan<byte> stream) =>
        (_category is null
            || (stream.StartsWith(_category) && (stream.Length == _category.Length || stream[_category.Length] == (byte)'-')))
        && (_streams is null || _streams.Contains(Encoding.UTF8.GetString(stream)));

    // A UUID may have been written in any of the forms that are read as one.
    private static IEnumerable<string> NamesOf(StreamId stream) => stream.IsGuid
        ? [stream.Text, stream.Text.ToUpperInvariant(), stream.Guid.ToString("n"), stream.Guid.ToString("n").ToUpperInvariant()]
        : [stream.Text];
}
