using System.Reflection;
using Projections.EventStoreDb.Testing;
using Xunit.Sdk;

namespace Projections.EventStoreDb.Tests.Vendor;

/// <summary>Runs a theory with each of the vendor's clients; against a real server only where there is one.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class EachClientAttribute(StoreKind kind, params object[] arguments) : DataAttribute
{
    public StoreKind Kind => kind;

    public object[] Arguments => arguments;

    public override string? Skip
    {
        get => base.Skip ?? (kind == StoreKind.RealServer ? Testing.RealServer.SkipReason : null);
        set => base.Skip = value;
    }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        [[VendorClients.EventStore, kind, .. arguments], [VendorClients.Kurrent, kind, .. arguments]];
}
