using System.Buffers;
using System.Text;
using Projections.Events.Reading;

namespace Projections.Events;

/// <summary>
/// A part of all streams: those whose hash lies in a range. The hash is the one that PostgreSQL makes of a text or a UUID, so that a server can choose by it, and workers of any process
/// and release agree.
/// </summary>
/// <param name="From">The lowest hash that belongs to it.</param>
/// <param name="To">The lowest hash beyond it.</param>
/// <param name="AsUuids">Whether a name that can be read as a UUID counts as that UUID, however it is spelled. Then only a store that keeps UUIDs can choose by it.</param>
public readonly record struct StreamShare(long From, long To, bool AsUuids = false)
{
    /// <summary>The lowest hash that there is.</summary>
    public const long Least = int.MinValue;

    /// <summary>What lies behind the highest hash that there is.</summary>
    public const long End = int.MaxValue + 1L;

    private const int ShortName = 256;

    /// <summary>All streams.</summary>
    public static StreamShare All(bool asUuids) => new(Least, End, asUuids);

    /// <summary>Whether every stream belongs to it.</summary>
    public bool IsAll => From <= Least && To >= End;

    /// <summary>Whether a stream belongs to it.</summary>
    public bool Has(in StreamId stream) => IsAll || (HashOf(stream, AsUuids) is var hash && From <= hash && hash < To);

    /// <summary>The same streams in so many parts of about the same size.</summary>
    public IReadOnlyList<StreamShare> Split(int parts)
    {
        var (share, width) = (this, To - From);
        return [.. Enumerable.Range(0, parts).Select(part => share with { From = share.From + (width * part / parts), To = share.From + (width * (part + 1) / parts) })];
    }

    /// <summary>The hash of a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="asUuid">Whether a name that can be read as a UUID counts as that UUID.</param>
    public static int HashOf(in StreamId stream, bool asUuid)
    {
        if (stream.IsGuid)
        {
            return HashOf(stream.Guid);
        }

        return asUuid && Guid.TryParse(stream.Text, out var guid) ? HashOf(guid) : HashOf(stream.Text);
    }

    /// <summary>A share with all streams of several; it may have more.</summary>
    internal static StreamShare? Covering(IReadOnlyCollection<StreamShare?> shares) =>
        shares.Any(share => share is null) || shares.Select(share => share!.Value.AsUuids).Distinct().Count() > 1
            ? null
            : new StreamShare(shares.Min(share => share!.Value.From), shares.Max(share => share!.Value.To), shares.First()!.Value.AsUuids);

    private static int HashOf(Guid guid)
    {
        Span<byte> bytes = stackalloc byte[16];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        return ServerHash.Of(bytes);
    }

    private static int HashOf(string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = most > ShortName ? ArrayPool<byte>.Shared.Rent(most) : null;
        var bytes = rented ?? stackalloc byte[ShortName];
        var hash = ServerHash.Of(bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return hash;
    }
}
