using Projections.Definitions;
using Projections.Events;

namespace Projections.Replay;

/// <summary>
/// By what events are decoded once for several versions: the decoder that most of them name for an event type. It is the same one where the versions
/// are declared with the same <see cref="EventTypes"/>.
/// </summary>
internal static class SharedDecoders
{
    /// <returns>The decoders by the event type's name; none for what only one version wants, or what a handler could change.</returns>
    public static IReadOnlyDictionary<string, EventDecoder> Of(IReadOnlyList<ProjectionVersion> versions) =>
        (from version in versions
         from name in version.EventTypeNames
         let decoder = version.Vocabulary.Find(name)
         where decoder?.IsForAll == true
         group decoder by name into named
         let most = named.GroupBy(decoder => decoder).MaxBy(same => same.Count())
         where most.Count() > 1
         select (named.Key, most.Key)).ToDictionary(StringComparer.Ordinal);
}
