using System.Globalization;

namespace Projections.EventStoreDb;

/// <summary>What an append expects of the stream; it is refused when that does not hold.</summary>
public readonly record struct StreamState
{
    private const long AnyCode = -2;
    private const long NoStreamCode = -1;
    private const long ExistsCode = -4;

    // Zero is revision 0: the default value must not mean "anything goes".
    private readonly long _code;

    private StreamState(long code) => _code = code;

    /// <summary>Nothing is expected.</summary>
    public static StreamState Any { get; } = new(AnyCode);

    /// <summary>The stream does not exist.</summary>
    public static StreamState NoStream { get; } = new(NoStreamCode);

    /// <summary>The stream exists, at whatever revision.</summary>
    public static StreamState Exists { get; } = new(ExistsCode);

    /// <summary>The revision expected, or <c>null</c> for the other states.</summary>
    public long? Revision => _code >= 0 ? _code : null;

    /// <summary>The stream's last event has this revision; the first event of a stream has 0.</summary>
    public static StreamState At(long revision) =>
        revision >= 0 ? new(revision) : throw new ArgumentOutOfRangeException(nameof(revision), revision, "Revisions count from 0.");

    public override string ToString() => _code switch
    {
        AnyCode => "any state",
        NoStreamCode => "no stream",
        ExistsCode => "an existing stream",
        _ => string.Create(CultureInfo.InvariantCulture, $"revision {_code}"),
    };
}
