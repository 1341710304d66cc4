namespace Projections.Chaos.Commands;

/// <summary>A way to command the service.</summary>
internal interface IDoor
{
    string Name { get; }

    /// <summary>How often it is chosen, against the others.</summary>
    int Weight { get; }

    /// <summary>Whether it has this command.</summary>
    bool Knows(ChaosCommand command);

    Task<Answer> SendAsync(ChaosCommand command, Random random);
}
