namespace Projections.EventStoreDb.Tests.RealServer;

/// <summary>A <c>[Theory]</c> that needs a real EventStoreDB or KurrentDB; skipped, with the reason, where none is named.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RealServerTheoryAttribute : TheoryAttribute
{
    public override string? Skip
    {
        get => base.Skip ?? Testing.RealServer.SkipReason;
        set => base.Skip = value;
    }
}
