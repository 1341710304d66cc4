namespace Projections.Events;

/// <summary>What a reader wants of a source; the source leaves everything else out before it sends anything.</summary>
/// <param name="Types">The names of the event types, or <c>null</c> for all.</param>
/// <param name="Category">The category of the streams (the part of a stream's name before the first <c>-</c>, or what
/// the store keeps as the stream's type), or <c>null</c> for all.</param>
/// <param name="Streams">The only streams wanted, few enough to be named in one statement, or <c>null</c> for all.</param>
/// <param name="Share">The part of the streams that is wanted, or <c>null</c> for all. This alone a source may leave to whoever folds, where its store cannot choose by it.</param>
public sealed record EventFilter(IReadOnlySet<string>? Types = null, string? Category = null, IReadOnlyCollection<StreamId>? Streams = null, StreamShare? Share = null)
{
    /// <summary>Everything that is in the source.</summary>
    public static readonly EventFilter All = new();

    /// <summary>Whether an event is wanted, for a source whose store does not choose. The category is the beginning of the stream's name.</summary>
    public bool Wants(in RecordedEvent one) =>
        (Types is null || Types.Contains(one.Type))
        && (Category is null || IsOfCategory(one.Stream.Text))
        && (Streams is null || Streams.Contains(one.Stream))
        && (Share is not { } share || share.Has(one.Stream));

    public static EventFilter OfTypes(params IEnumerable<string> types) => new(types.ToHashSet(StringComparer.Ordinal));

    private bool IsOfCategory(string stream) =>
        stream.StartsWith(Category!, StringComparison.Ordinal) && (stream.Length == Category!.Length || stream[Category.Length] == '-');
}
