using Projections.Definitions;
using Projections.ReadModels.Invoicing;

namespace Projections.ReadModels.Tests;

public sealed class EveryVersionTests
{
    [Fact]
    public void Every_version_has_its_specs() =>
        ProjectionRegistry.FromAssemblies(typeof(InvoicingEvents).Assembly).Versions
            .Select(version => $"{version.GetType().Name}Specs")
            .Except(typeof(EveryVersionTests).Assembly.GetTypes().Select(type => type.Name))
            .ShouldBeEmpty();
}
