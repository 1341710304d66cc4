using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;

namespace Projections.Verification;

/// <summary>Asks for the rows that the last comparison with the live version found to differ, with their values.</summary>
[Verb("show-rows", "Shows rows that the last comparison with the live version found to differ, with their values. Who asked stands in the history.")]
internal sealed record ShowRowsCommand : Command<ShownRows>
{
    /// <summary>The version that was compared with the live one; the only one beside it when <c>null</c>.</summary>
    [Description("The version that was compared with the live one, where there is more than one."), Display(Name = "version"), Range(1, int.MaxValue)]
    public int? To { get; init; }

    private protected override FormattableString Arguments => $"{To}";

    internal override Task<ShownRows> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new ShowRows(system).RunAsync(this, context, cancellationToken);
}

/// <summary>What a comparison found, with the values of its samples.</summary>
/// <param name="Version">The version.</param>
/// <param name="With">The live version that it was compared with.</param>
/// <param name="At">When, in UTC.</param>
/// <param name="Result">What was found.</param>
internal sealed record ShownRows(VersionId Version, int With, DateTime At, ComparisonResult Result) : ICommandResult
{
    public string Outcome => $"Rows in which {Version} differs from v{With} were shown with their values.";
}

/// <summary>Shows what a comparison found, values and all. They may be about people: the history keeps who asked.</summary>
internal sealed class ShowRows(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">Nothing is live, or the two were not compared since their tables were built.</exception>
    public async Task<ShownRows> RunAsync(ShowRowsCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        var shown = await FindAsync(command.Projection, command.To, cancellationToken);
        await CatalogCommand.RunAsync(system, command, context, (_, _) => Task.FromResult(new OperationResult(shown.Version, shown.Outcome)), cancellationToken);
        return shown;
    }

    private async Task<ShownRows> FindAsync(ProjectionName projection, int? to, CancellationToken cancellationToken)
    {
        var snapshot = await system.Catalog.ReadAsync(projection, cancellationToken);
        var other = CatalogCommand.Choose(projection, snapshot, to, "show rows of", version => version.HasTable && version.Role != VersionRole.Live);
        if (snapshot!.Live is not { } live || live.Id == other.Id)
        {
            throw new OperationRefused($"Cannot show in which rows {other.Id} differs: {(snapshot.Live is null ? "nothing is live" : "it is the live one itself")}. Name a version beside the live one.");
        }

        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var last = await Verifications.FindLastAsync(connection, live, other, cancellationToken)
            ?? throw new OperationRefused($"Cannot show in which rows {other.Id} differs: it was not compared with v{live.Id.Number} since both tables were built. Compare them with 'projections verify {projection}'.");
        return new ShownRows(other.Id, live.Id.Number, last.At, await Verifications.ReadResultAsync(connection, last.Id, cancellationToken));
    }
}
