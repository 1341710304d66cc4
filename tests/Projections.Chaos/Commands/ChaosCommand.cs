namespace Projections.Chaos.Commands;

/// <summary>Something that somebody wants done, whatever the door.</summary>
/// <param name="Verb">As the command line has it.</param>
/// <param name="Projection">Of which projection.</param>
/// <param name="Version">Of which version.</param>
/// <param name="Id">The command's id; one that is sent twice has the same.</param>
internal sealed record ChaosCommand(string Verb, string Projection, int Version, Guid Id)
{
    /// <summary>Events a second, for <c>throttle</c> and <c>rebuild</c>; none for as many as possible.</summary>
    public int? EventsPerSecond { get; init; }

    /// <summary>For <c>rebuild</c>: whether reads are to go there by themselves.</summary>
    public bool SwitchWhenReady { get; init; }

    /// <summary>For <c>rebuild</c>: in how many shards, or as many as it thinks right.</summary>
    public int? Shards { get; init; }

    /// <summary>The row to fold anew, for <c>repair</c>.</summary>
    public string Key { get; init; } = "";

    public override string ToString() => $"{Verb} {Projection} v{Version}";
}
