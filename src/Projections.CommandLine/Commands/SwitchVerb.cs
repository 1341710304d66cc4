using System.CommandLine;
using Projections.Definitions;

namespace Projections.CommandLine.Commands;

/// <summary><c>switch</c>: moves reads to another version.</summary>
internal sealed class SwitchVerb : SwitchingVerb
{
    private readonly Option<int> _to = new("--to") { Description = "The version that reads go to.", HelpName = "N", Required = true };

    public SwitchVerb()
        : base(
            "switch",
            "Moves reads to another version in one transaction, once every gate is open. 'projections status NAME' shows what it will do.",
            "projections switch invoice_summary --to 2",
            "projections switch invoice_summary --to 2 --keep-contract",
            "projections switch invoice_summary --to 2 --lock-timeout 100ms --patience 5m") =>
        Options.Add(_to);

    protected override Task<VersionId> FindTargetAsync(Invocation call, ProjectionSystem system, CancellationToken stop) =>
        Task.FromResult(new VersionId(ProjectionOf(call), call.Arguments.GetValue(_to)));
}
