using System.Reflection;
using Xunit.Sdk;

namespace Projections.EventStoreDb.Testing;

/// <summary>Runs a theory against the test server, once with the ways of each version.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnTestServerAttribute : DataAttribute
{
    /// <summary>The test server with the ways of each version.</summary>
    public static IEnumerable<StoreKind> Kinds => Enum.GetValues<StoreKind>().Where(kind => kind != StoreKind.RealServer);

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => Kinds.Select(kind => (object[])[kind]);
}
