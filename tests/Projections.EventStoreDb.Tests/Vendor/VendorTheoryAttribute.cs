namespace Projections.EventStoreDb.Tests.Vendor;

/// <summary>A <c>[Theory]</c> that needs the vendor's clients; skipped, with the reason, where they cannot be installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class VendorTheoryAttribute : TheoryAttribute
{
    public override string? Skip
    {
        get => base.Skip ?? VendorClients.SkipReason;
        set => base.Skip = value;
    }
}
