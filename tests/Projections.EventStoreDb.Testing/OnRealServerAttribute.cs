using System.Reflection;
using Xunit.Sdk;

namespace Projections.EventStoreDb.Testing;

/// <summary>Runs a theory against a real EventStoreDB or KurrentDB too; that case is skipped, with the reason, where none is named.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnRealServerAttribute : DataAttribute
{
    public override string? Skip
    {
        get => base.Skip ?? RealServer.SkipReason;
        set => base.Skip = value;
    }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[StoreKind.RealServer]];
}
