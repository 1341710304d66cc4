using System.Reflection;
using Xunit.Sdk;

namespace Projections.EventStoreDb.Testing;

/// <summary>Runs a theory against the test server.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnTestServerAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[StoreKind.TestServer]];
}
