namespace Projections.Containers;

/// <inheritdoc cref="ContainerFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ContainerTheoryAttribute : TheoryAttribute
{
    public ContainerTheoryAttribute() => Skip = ContainerEngine.SkipReason;
}
