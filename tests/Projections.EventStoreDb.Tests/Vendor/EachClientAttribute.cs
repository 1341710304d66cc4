using System.Reflection;
using Projections.EventStoreDb.Testing;
using Xunit.Sdk;

namespace Projections.EventStoreDb.Tests.Vendor;

/// <summary>Runs a theory with each of the vendor's clients against the test server, with the ways of each version.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public class EachClientAttribute(params object[] arguments) : DataAttribute
{
    public object[] Arguments => arguments;

    /// <summary>The first version that it runs with. Default the first there is.</summary>
    public StoreKind From { get; set; }

    protected virtual IEnumerable<StoreKind> Kinds => OnTestServerAttribute.Kinds.Where(kind => kind >= From);

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        from kind in Kinds
        from client in (string[])[VendorClients.EventStore, VendorClients.Kurrent]
        select (object[])[client, kind, .. arguments];
}
