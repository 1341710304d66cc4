using System.Reflection;
using Projections.Events;

namespace Projections.Definitions;

/// <summary>
/// All declared versions of all projections, checked as a whole when they are collected. What is wrong with one is kept with it and
/// is no matter to the others: a version that cannot be used is as if this program did not have it.
/// </summary>
public sealed class ProjectionRegistry
{
    private readonly SortedDictionary<string, ProjectionVersion[]> _versions = new(StringComparer.Ordinal);

    private ProjectionRegistry(IEnumerable<ProjectionVersion> sound, IReadOnlyList<Reaction> reactions, IReadOnlyList<DeclarationError> errors)
    {
        Errors = errors;
        Reactions = reactions;
        foreach (var projection in sound.GroupBy(version => version.Id.Projection.Value, StringComparer.Ordinal))
        {
            _versions.Add(projection.Key, [.. projection.OrderBy(version => version.Id.Number)]);
        }
    }

    /// <summary>All projections that have a declaration, sound or not, by name.</summary>
    public IReadOnlyList<ProjectionName> Projections =>
        [.. _versions.Keys.Union(Errors.Select(error => error.Version?.Projection.Value).OfType<string>()).Order(StringComparer.Ordinal).Select(name => new ProjectionName(name))];

    /// <summary>Everything that is wrong with the declarations; empty when all is well.</summary>
    public IReadOnlyList<DeclarationError> Errors { get; }

    /// <summary>All reactions that can be used.</summary>
    public IReadOnlyList<Reaction> Reactions { get; }

    /// <summary>All versions that can be used, by name and number.</summary>
    public IReadOnlyList<ProjectionVersion> Versions => [.. _versions.Values.SelectMany(versions => versions)];

    /// <summary>What all versions together want of the source.</summary>
    public EventFilter Filter => FilterOf(Versions);

    /// <summary>Collects versions. What is wrong with some of them is found in <see cref="Errors"/>.</summary>
    public static ProjectionRegistry Of(params IEnumerable<ProjectionVersion> versions) => Of([.. versions], [], []);

    /// <summary>Collects every class that is a version, by its constructor without parameters. What is wrong with some of them is
    /// found in <see cref="Errors"/>.</summary>
    public static ProjectionRegistry FromAssemblies(params IEnumerable<Assembly> assemblies) => FromAssemblies(assemblies, given: null);

    /// <summary>As the other, for versions that do not name their event types, but take them: <c>class OrdersV1(EventTypes types)</c>.</summary>
    /// <param name="assemblies">The assemblies.</param>
    /// <param name="given">What those versions are given, or <c>null</c> where there is nothing to give.</param>
    public static ProjectionRegistry FromAssemblies(IEnumerable<Assembly> assemblies, EventTypes? given)
    {
        var errors = new List<DeclarationError>();
        var types = assemblies.Distinct().SelectMany(assembly => assembly.GetTypes()).ToList();
        var versions = types.Where(Is<ProjectionVersion>).Select(type => TryCreate<ProjectionVersion>(type, given, errors)).OfType<ProjectionVersion>().ToList();
        var reactions = types.Where(Is<Reaction>).Select(type => TryCreate<Reaction>(type, given, errors)).OfType<Reaction>().ToList();
        return Of(versions, reactions, errors);
    }

    /// <summary>The same versions, of which more is known to be wrong: none is left out for it.</summary>
    public ProjectionRegistry With(IEnumerable<DeclarationError> errors) => new(Versions, Reactions, [.. Errors, .. errors]);

    /// <summary>The same versions with more reactions. What is wrong with some of them is found in <see cref="Errors"/>.</summary>
    public ProjectionRegistry WithReactions(params IEnumerable<Reaction> reactions)
    {
        List<Reaction> all = [.. Reactions, .. reactions];
        List<DeclarationError> errors = [.. Errors];
        return new ProjectionRegistry(Versions, ReactionCheck.FindUsable(all, Versions, errors), errors);
    }

    /// <summary>What is wrong with classes that could not be made, so that nobody knows which version each is.</summary>
    public IEnumerable<DeclarationError> Unattributed => Errors.Where(error => error.Version is null);

    /// <summary>What is wrong with the declarations of a projection.</summary>
    public IReadOnlyList<DeclarationError> ErrorsOf(ProjectionName projection) => [.. Errors.Where(error => error.Version?.Projection == projection)];

    /// <summary>A projection's versions that can be used, by number; empty for a name that is not declared.</summary>
    public IReadOnlyList<ProjectionVersion> VersionsOf(ProjectionName projection) => _versions.GetValueOrDefault(projection.Value, []);

    /// <summary>A projection's reactions that can be used; empty for a name that is not declared.</summary>
    public IReadOnlyList<Reaction> ReactionsOf(ProjectionName projection) => [.. Reactions.Where(reaction => reaction.Projection == projection)];

    /// <summary>The reaction, or <c>null</c> when it is not declared, or not so that it could be used.</summary>
    public Reaction? FindReaction(ProjectionName projection, string name) => ReactionsOf(projection).FirstOrDefault(reaction => reaction.Name == name);

    /// <summary>The version, or <c>null</c> when it is not declared, or not so that it could be used.</summary>
    public ProjectionVersion? Find(VersionId id) => VersionsOf(id.Projection).FirstOrDefault(version => version.Id == id);

    /// <summary>Why <see cref="Find"/> does not find a version, as the end of a sentence.</summary>
    public string WhyMissing(VersionId id) => Errors.Where(error => error.Version == id).ToList() is { Count: > 0 } errors
        ? $"this program cannot use its declaration: {string.Join(" ", errors)}"
        : $"this program has no such version.{string.Concat(Unattributed.Select(error => $" {error}"))}";

    /// <summary>What all versions of a projection together want of the source.</summary>
    public EventFilter FilterOf(ProjectionName projection) => FilterOf(VersionsOf(projection));

    /// <summary>What some versions together want of the source.</summary>
    // Of one category only if all are; the folds leave out what is not theirs.
    internal static EventFilter FilterOf(IReadOnlyList<ProjectionVersion> versions)
    {
        var categories = versions.Select(version => version.StreamCategory).Distinct(StringComparer.Ordinal).ToList();
        return new EventFilter(
            versions.SelectMany(version => version.EventTypeNames).ToHashSet(StringComparer.Ordinal),
            categories.Count == 1 ? categories[0] : null);
    }

    private static ProjectionRegistry Of(IReadOnlyCollection<ProjectionVersion> versions, IReadOnlyCollection<Reaction> reactions, List<DeclarationError> errors)
    {
        errors.AddRange(RegistryCheck.FindErrors(versions));
        var unusable = errors.Select(error => error.Version).ToHashSet();
        var sound = versions.Where(version => !unusable.Contains(version.Id)).ToList();
        return new ProjectionRegistry(sound, ReactionCheck.FindUsable(reactions, sound, errors), errors);
    }

    private static bool Is<T>(Type type) =>
        typeof(T).IsAssignableFrom(type) && type is { IsAbstract: false, ContainsGenericParameters: false };

    private static T? TryCreate<T>(Type type, EventTypes? given, List<DeclarationError> errors)
        where T : class
    {
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var plain = type.GetConstructor(Any, []);
        var taking = type.GetConstructor(Any, [typeof(EventTypes)]);
        if (plain is null && (taking is null || given is null))
        {
            errors.Add(new DeclarationError(null, taking is null
                ? $"{type.Name}: It has no constructor without parameters. Give it one: 'public sealed class {type.Name}() : ...'."
                : $"{type.Name}: It is to be given its event types, but this program gives none. Give some where versions are added, or let it name its own: 'public sealed class {type.Name}() : ...'."));
            return null;
        }

        try
        {
            return (T)(plain is null ? taking!.Invoke([given]) : plain.Invoke(null));
        }
        catch (TargetInvocationException failed)
        {
            errors.Add(new DeclarationError(null, $"{type.Name}: It cannot be made: {failed.GetBaseException().Message}"));
            return null;
        }
    }
}
