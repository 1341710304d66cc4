using System.Reflection;
using Projections.Events;

namespace Projections.Definitions;

/// <summary>All declared versions of all projections, checked as a whole when they are collected.</summary>
public sealed class ProjectionRegistry
{
    private readonly SortedDictionary<string, ProjectionVersion[]> _versions = new(StringComparer.Ordinal);

    private ProjectionRegistry(IEnumerable<ProjectionVersion> versions)
    {
        foreach (var projection in versions.GroupBy(version => version.Id.Projection.Value, StringComparer.Ordinal))
        {
            _versions.Add(projection.Key, [.. projection.OrderBy(version => version.Id.Number)]);
        }
    }

    /// <summary>All projections, by name.</summary>
    public IReadOnlyList<ProjectionName> Projections => [.. _versions.Keys.Select(name => new ProjectionName(name))];

    /// <summary>All versions, by name and number.</summary>
    public IReadOnlyList<ProjectionVersion> Versions => [.. _versions.Values.SelectMany(versions => versions)];

    /// <summary>What all versions together want of the source.</summary>
    public EventFilter Filter => Union(Versions);

    /// <exception cref="RegistryInvalid">Something is wrong with the declarations; the message lists all of it.</exception>
    public static ProjectionRegistry Of(params IEnumerable<ProjectionVersion> versions)
    {
        var all = versions.ToList();
        var errors = RegistryCheck.FindErrors(all);
        return errors.Count == 0 ? new ProjectionRegistry(all) : throw new RegistryInvalid(errors);
    }

    /// <summary>Collects every class that is a version, by its constructor without parameters.</summary>
    /// <exception cref="RegistryInvalid">Something is wrong with the declarations; the message lists all of it.</exception>
    public static ProjectionRegistry FromAssemblies(params IEnumerable<Assembly> assemblies)
    {
        var versions = new List<ProjectionVersion>();
        var errors = new List<string>();
        foreach (var type in assemblies.Distinct().SelectMany(assembly => assembly.GetTypes()).Where(IsVersion))
        {
            if (TryCreate(type, errors) is { } version)
            {
                versions.Add(version);
            }
        }

        errors.AddRange(RegistryCheck.FindErrors(versions));
        return errors.Count == 0 ? new ProjectionRegistry(versions) : throw new RegistryInvalid(errors);
    }

    /// <summary>A projection's versions by number; empty for a name that is not declared.</summary>
    public IReadOnlyList<ProjectionVersion> VersionsOf(ProjectionName projection) => _versions.GetValueOrDefault(projection.Value, []);

    /// <summary>The version, or <c>null</c> when it is not declared.</summary>
    public ProjectionVersion? Find(VersionId id) => VersionsOf(id.Projection).FirstOrDefault(version => version.Id == id);

    /// <summary>What all versions of a projection together want of the source.</summary>
    public EventFilter FilterOf(ProjectionName projection) => Union(VersionsOf(projection));

    // Of one category only if all are; the folds leave out what is not theirs.
    private static EventFilter Union(IReadOnlyList<ProjectionVersion> versions)
    {
        var categories = versions.Select(version => version.StreamCategory).Distinct(StringComparer.Ordinal).ToList();
        return new EventFilter(
            versions.SelectMany(version => version.EventTypes).ToHashSet(StringComparer.Ordinal),
            categories.Count == 1 ? categories[0] : null);
    }

    private static bool IsVersion(Type type) =>
        typeof(ProjectionVersion).IsAssignableFrom(type) && type is { IsAbstract: false, ContainsGenericParameters: false };

    private static ProjectionVersion? TryCreate(Type type, List<string> errors)
    {
        if (type.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, []) is not { } constructor)
        {
            errors.Add($"{type.Name}: It has no constructor without parameters. Give it one: 'public sealed class {type.Name}() : ...'.");
            return null;
        }

        try
        {
            return (ProjectionVersion)constructor.Invoke(null);
        }
        catch (TargetInvocationException failed)
        {
            errors.Add($"{type.Name}: It cannot be made: {failed.InnerException!.Message}");
            return null;
        }
    }
}
