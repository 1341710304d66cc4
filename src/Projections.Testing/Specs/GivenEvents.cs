using System.Text;
using System.Text.Json;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Testing.Specs;

/// <summary>The events of a spec as a store would have them.</summary>
internal sealed class GivenEvents(ProjectionVersion version)
{
    /// <summary>The place of a stream's first event in it.</summary>
    public const long FirstOfStream = 1;

    /// <summary>When the first event was stored if nobody says otherwise; each later one a second after the one before it.</summary>
    private static readonly DateTime Beginning = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly List<RecordedEvent> _events = [];
    private readonly Dictionary<StreamId, long> _versions = [];
    private readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal);

    public IReadOnlyList<RecordedEvent> All => _events;

    /// <summary>When the events that follow were stored, or <c>null</c> for a second after one another.</summary>
    public DateTime? Time { get; set; }

    /// <summary>The tenant of the events that follow.</summary>
    public string? Tenant { get; set; }

    public void SetMetadata(string name, string? value)
    {
        if (value is null)
        {
            _metadata.Remove(name);
        }
        else
        {
            _metadata[name] = value;
        }
    }

    /// <summary>The first event of a stream is gone: what is given of it comes after that.</summary>
    /// <exception cref="ArgumentException">Something was given of it already.</exception>
    public void LoseBeginning(StreamId stream)
    {
        if (!_versions.TryAdd(stream, FirstOfStream))
        {
            throw new ArgumentException($"Events of the stream {stream} were given already; say before them that it has lost its beginning.", nameof(stream));
        }
    }

    public void Add(StreamId stream, object e)
    {
        var (name, json) = version.Vocabulary.Encode(e) ?? throw new ProjectionSpecFailed(
            $"{version.Id}: nothing is known of {e.GetType().Name}, which was given: no name in the store is mapped to it. Add Map<{e.GetType().Name}>(\"...\") to the event types, or give it as it is stored: GivenStored(stream, type, json).");
        Add(stream, name, json);
    }

    /// <exception cref="ProjectionSpecFailed">It is no JSON.</exception>
    public void AddStored(StreamId stream, string type, string json)
    {
        try
        {
            using var _ = JsonDocument.Parse(json);
        }
        catch (JsonException error)
        {
            throw new ProjectionSpecFailed($"{version.Id}: the event '{type}' was given as something that is no JSON, which no store would have taken: {error.Message}", error);
        }

        Add(stream, type, Encoding.UTF8.GetBytes(json));
    }

    private void Add(StreamId stream, string type, byte[] json)
    {
        var place = _versions.TryGetValue(stream, out var last) ? last + 1 : FirstOfStream;
        _versions[stream] = place;
        _events.Add(new RecordedEvent
        {
            Position = new EventPosition(_events.Count + 1),
            Stream = stream,
            StreamVersion = place,
            Type = string.Intern(type),
            Data = json,
            Metadata = _metadata.Count == 0 ? default : JsonSerializer.SerializeToUtf8Bytes(_metadata),
            Time = Time ?? Beginning.AddSeconds(_events.Count),
            Tenant = Tenant,
        });
    }
}
