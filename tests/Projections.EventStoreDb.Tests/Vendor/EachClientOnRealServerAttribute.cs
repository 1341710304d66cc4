using Projections.EventStoreDb.Testing;

namespace Projections.EventStoreDb.Tests.Vendor;

/// <summary>Runs a theory with each of the vendor's clients against a real server; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class EachClientOnRealServerAttribute(params object[] arguments) : EachClientAttribute(arguments)
{
    protected override IEnumerable<StoreKind> Kinds => [StoreKind.RealServer];

    public override string? Skip
    {
        get => base.Skip ?? Testing.RealServer.SkipReason;
        set => base.Skip = value;
    }
}
