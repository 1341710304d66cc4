namespace Projections.Events;

/// <summary>A step from an old event type to its successor.</summary>
internal abstract class Upcaster
{
    public abstract Type Old { get; }

    public abstract Type New { get; }

    public abstract EventDecoder Over(EventDecoder old);
}

/// <inheritdoc/>
internal sealed class Upcaster<TOld, TNew>(Func<TOld, TNew> upcast) : Upcaster
{
    public override Type Old => typeof(TOld);

    public override Type New => typeof(TNew);

    public override EventDecoder Over(EventDecoder old) => new UpcastingDecoder<TOld, TNew>((EventDecoder<TOld>)old, upcast);
}
