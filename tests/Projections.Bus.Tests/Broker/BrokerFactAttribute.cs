using Projections.Testing;
using Projections.TestServers;

namespace Projections.Bus.Tests.Broker;

/// <summary>A <c>[Fact]</c> that needs PostgreSQL and RabbitMQ; skipped, with the reason, where one is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrokerFactAttribute : FactAttribute
{
    /// <summary>Whether it needs a package from the npm registry, too.</summary>
    public bool Npm { get; set; }

    public override string? Skip
    {
        get => base.Skip ?? PostgresForTests.SkipReason ?? RabbitMqBinaries.SkipReason ?? (Npm ? AmqpLib.SkipReason : null);
        set => base.Skip = value;
    }
}
