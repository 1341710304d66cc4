namespace Projections.Containers;

/// <summary>A <c>[Fact]</c> that starts containers; skipped, with the reason, where there is no engine.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ContainerFactAttribute : FactAttribute
{
    public ContainerFactAttribute() => Skip = ContainerEngine.SkipReason;
}
