namespace Projections.Events;

/// <summary>
/// The stream that an event belongs to. Stores name streams by text or by UUID; a UUID is kept as one, so that no
/// text is made for each event of a long replay.
/// </summary>
public readonly struct StreamId : IEquatable<StreamId>
{
    private readonly string? _text;
    private readonly Guid _guid;

    public StreamId(string text) => _text = text ?? throw new ArgumentNullException(nameof(text));

    public StreamId(Guid guid) => _guid = guid;

    /// <summary>Whether the store names the stream by a UUID.</summary>
    public bool IsGuid => _text is null;

    /// <summary>The stream's UUID.</summary>
    /// <exception cref="FormatException">The stream is named by a text that is no UUID.</exception>
    public Guid Guid => _text is null ? _guid : Guid.Parse(_text);

    /// <summary>The stream's name as text; a UUID in its 36 character form.</summary>
    public string Text => _text ?? _guid.ToString();

    public bool Equals(StreamId other) =>
        _text is null && other._text is null ? _guid == other._guid : string.Equals(Text, other.Text, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is StreamId other && Equals(other);

    public override int GetHashCode() => _text is null ? _guid.GetHashCode() : string.GetHashCode(_text, StringComparison.Ordinal);

    public static bool operator ==(StreamId left, StreamId right) => left.Equals(right);

    public static bool operator !=(StreamId left, StreamId right) => !left.Equals(right);

    public override string ToString() => Text;
}
