using System.Linq.Expressions;
using System.Reflection;

namespace Projections.Aggregates;

/// <summary>A member that the framework sets, as Marten does: the aggregate's <c>Id</c> and <c>Version</c>.</summary>
internal static class AggregateMember
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.IgnoreCase;

    /// <summary>Sets a property or field of a name in whatever case, if it is of the value's type, or of int where the value is a long.</summary>
    /// <returns><c>null</c> where the aggregate has none that can be set.</returns>
    public static Action<TAggregate, TValue>? FindSetter<TAggregate, TValue>(string name)
    {
        var property = typeof(TAggregate).GetProperties(Any).FirstOrDefault(property =>
            Is(property.Name, name) && Fits<TValue>(property.PropertyType) && property.GetIndexParameters().Length == 0);
        MemberInfo? member = property is null
            ? typeof(TAggregate).GetFields(Any).FirstOrDefault(field => Is(field.Name, name) && Fits<TValue>(field.FieldType) && !field.IsInitOnly)
            : property.DeclaringType!.GetProperty(property.Name, Any)?.SetMethod is null ? null : property;
        if (member is null)
        {
            return null;
        }

        var aggregate = Expression.Parameter(typeof(TAggregate));
        var value = Expression.Parameter(typeof(TValue));
        var target = Expression.MakeMemberAccess(aggregate, member.DeclaringType == typeof(TAggregate) ? member : member.DeclaringType!.GetMember(member.Name, member.MemberType, Any)[0]);
        return Expression.Lambda<Action<TAggregate, TValue>>(Expression.Assign(target, Expression.ConvertChecked(value, target.Type)), aggregate, value).Compile();
    }

    private static bool Is(string name, string wanted) => string.Equals(name, wanted, StringComparison.OrdinalIgnoreCase);

    private static bool Fits<TValue>(Type type) => type == typeof(TValue) || (type == typeof(int) && typeof(TValue) == typeof(long));
}
