using Npgsql;
using Projections.Catalog;
using Projections.Definitions;

namespace Projections.Switching.Gates;

/// <summary>One thing that must hold before reads may move to a version. All gates are asked, so that all failures are told at once.</summary>
internal interface ISwitchGate
{
    /// <summary>The gate's stable name: <c>caught-up</c>.</summary>
    string Id { get; }

    /// <returns><c>null</c> when the gate is open; else what is wrong and what to do about it.</returns>
    Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken);
}

/// <summary>A gate that refused.</summary>
/// <param name="Gate">The gate's name.</param>
/// <param name="Problem">What was found, and what was expected.</param>
/// <param name="WayOut">What to do.</param>
public sealed record GateFailure(string Gate, string Problem, string WayOut)
{
    public override string ToString() => $"{Gate}: {Problem} {WayOut}";
}

/// <summary>What the gates look at.</summary>
/// <param name="System">The system.</param>
/// <param name="Connection">A connection without a transaction.</param>
/// <param name="Projection">The projection.</param>
/// <param name="Version">The version that reads are to move to.</param>
/// <param name="Definition">Its definition; <c>null</c> for one that another program maintains, or that this code does not know.</param>
/// <param name="Asked">What was asked for.</param>
/// <param name="Who">The person who asks; <c>null</c> when none does at this moment.</param>
internal sealed record SwitchCandidate(
    ProjectionSystem System,
    NpgsqlConnection Connection,
    ProjectionSnapshot Projection,
    VersionSnapshot Version,
    ProjectionVersion? Definition,
    SwitchingCommand Asked,
    string? Who)
{
    public string Schema => System.Options.Schema;

    public string Name => Version.Id.Projection.Value;

    /// <summary>The columns that the read name is to be kept to, or <c>null</c> when it may show all.</summary>
    public IReadOnlyList<string>? Contract(ReadName? view) =>
        (Asked.KeepContract || Projection.Contract is not null) && view is { IsView: true }
            ? [.. view.Columns.Select(column => column.Name)]
            : null;

    /// <summary>The way back to a version that is external is open without our knowing anything of its rows.</summary>
    public bool IsOurs => !Version.External;
}
