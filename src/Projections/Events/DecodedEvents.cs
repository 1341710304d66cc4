using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Projections.Events;

/// <summary>
/// What the events of a batch became, decoded once for all who fold the batch and name the same decoder. An event that could not be decoded is not
/// among them: who wants it decodes it for itself, and meets the error there.
/// </summary>
internal sealed class DecodedEvents
{
    private Body[] _bodies;
    private readonly int _count;

    private DecodedEvents(int count)
    {
        _count = count;
        _bodies = ArrayPool<Body>.Shared.Rent(count);
    }

    /// <param name="batch">The events.</param>
    /// <param name="decoders">The decoders that several share, by the event type's name.</param>
    public static DecodedEvents Of(EventBatch batch, IReadOnlyDictionary<string, EventDecoder> decoders)
    {
        var decoded = new DecodedEvents(batch.Count);
        for (var index = 0; index < batch.Count; index++)
        {
            ref readonly var one = ref batch.Events[index];
            decoded._bodies[index] = decoders.TryGetValue(one.Type, out var decoder) ? new Body(decoder, decoder.TryDecodeForAll(one)) : default;
        }

        return decoded;
    }

    /// <summary>Finds what an event became by the very decoder that is asked for.</summary>
    /// <param name="index">The place of the event in its batch.</param>
    /// <param name="decoder">The decoder.</param>
    /// <param name="body">The event.</param>
    public bool TryGet<TEvent>(int index, EventDecoder<TEvent> decoder, [MaybeNullWhen(false)] out TEvent body)
    {
        ref readonly var found = ref _bodies[index];
        if (found.Data is { } data && ReferenceEquals(found.By, decoder))
        {
            // Only classes are decoded for all, so the decoder's type is that of the reference.
            body = Unsafe.As<object, TEvent>(ref data);
            return true;
        }

        body = default;
        return false;
    }

    /// <summary>Nobody uses it any longer.</summary>
    public void Release()
    {
        _bodies.AsSpan(0, _count).Clear();
        ArrayPool<Body>.Shared.Return(_bodies);
        _bodies = [];
    }

    private readonly record struct Body(EventDecoder? By, object? Data);
}
