namespace Projections.Chaos.Ground;

/// <summary>Settings that workers and commands have in common.</summary>
internal static class ChaosSettings
{
    public const string Queue = "projections";

    /// <summary>Shorter than what ships, so that a worker that sleeps is often overtaken.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    public static IEnumerable<(string, string)> Of(ChaosGround ground)
    {
        yield return ("Events__Kind", "Marten");
        yield return ("Events__Schema", ChaosGround.EventSchema);
        // Longer than writers promise: what comes later all the same, on a machine that is busy enough, is told by versions that cannot be
        // mended row by row, and would look like a loss to whoever compares their tables.
        yield return ("Events__GraceTime", "00:00:15");
        yield return ("Projections__LeaseDuration", Lease.ToString("c"));
        yield return ("Projections__ReplayCommitInterval", "00:00:00.500");
        yield return ("Projections__ReplayPartitions", "2");
        if (ground.Broker is { } broker)
        {
            yield return ("Bus__Transport", "RabbitMq");
            yield return ("Bus__Address", broker.Address.ToString());
            yield return ("Bus__Queue", Queue);
        }
    }
}
