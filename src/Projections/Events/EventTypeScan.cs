using System.Reflection;
using System.Runtime.CompilerServices;

namespace Projections.Events;

/// <summary>The classes of an assembly that are events, and their names by a rule.</summary>
/// <param name="assembly">The assembly.</param>
/// <param name="isEvent">Which of its classes are events.</param>
/// <param name="naming">The rule.</param>
/// <param name="what">What classes were looked for, for messages: <c>class in Shop is an IEvent</c>.</param>
internal sealed class EventTypeScan(Assembly assembly, Func<Type, bool> isEvent, Func<Type, string> naming, string what)
{
    /// <summary>The names that are those of one class each.</summary>
    /// <param name="named">Classes that have a name already.</param>
    public IEnumerable<(string Name, Type Type)> Find(IReadOnlySet<Type> named) =>
        ByName(named).Where(name => name.Count() == 1).Select(name => (name.Key, name.Single()));

    public IEnumerable<string> FindErrors(IReadOnlySet<Type> named)
    {
        if (!Candidates().Any())
        {
            yield return $"No {what}. Name the interface, base class or namespace of the events, and the assembly that they are in.";
        }

        foreach (var generic in Candidates().Where(type => type.IsGenericTypeDefinition))
        {
            var name = $"{generic.Name[..generic.Name.IndexOf('`', StringComparison.Ordinal)]}<...>";
            yield return $"{name} is generic, and so has no name of its own. Map each type that is made of it: Map<{name}>(\"...\"), and leave the rest out.";
        }

        foreach (var clash in ByName(named).Where(name => name.Count() > 1))
        {
            yield return $"{string.Join(" and ", clash.Select(type => type.FullName).Order(StringComparer.Ordinal))} would both be named '{clash.Key}'. Map all but one by Map<...>(\"...\"), or use a rule that tells them apart.";
        }
    }

    private IEnumerable<IGrouping<string, Type>> ByName(IReadOnlySet<Type> named) =>
        Candidates().Where(type => !type.IsGenericTypeDefinition && !named.Contains(type)).GroupBy(naming, StringComparer.Ordinal);

    private IEnumerable<Type> Candidates() => assembly.GetTypes().Where(type =>
        type is { IsAbstract: false, IsInterface: false, IsEnum: false }
        && !type.IsDefined(typeof(CompilerGeneratedAttribute))
        && !typeof(Delegate).IsAssignableFrom(type)
        && !typeof(Exception).IsAssignableFrom(type)
        && !typeof(Attribute).IsAssignableFrom(type)
        && isEvent(type));
}
