using System.Globalization;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Replay;
using Projections.Switching;
using Projections.Tables;
using Projections.Verification;

namespace Projections.Planning;

/// <summary>What readers will notice of a switch, and what must be done before it.</summary>
internal static class PlanNotes
{
    public static IEnumerable<string> Of(
        ProjectionVersion definition, VersionSnapshot? version, ProjectionSnapshot? snapshot, ReadName? view, ReadNameChange? change, IReadOnlyList<string> dependants, IReadOnlyList<string> access)
    {
        if (snapshot?.LiveVersion == definition.Id.Number)
        {
            yield return $"Reads go to {definition.Id} already.";
        }

        if (version is { State: VersionState.Failed or VersionState.Paused })
        {
            yield return $"{definition.Id} is {version.State.Text()}; 'projections resume {definition.Id.Projection}' lets it go on from position {version.Checkpoint?.ToString() ?? "start"}.";
        }

        if (version is { Manifest: { } built, State: not VersionState.Retired } && definition.Manifest.FindEdit(built) is { } edit)
        {
            yield return $"The table was built with {edit}. A change of the handler needs a new version; one that leaves the rows as they are is accepted with 'projections accept'.";
        }

        if (view is { IsView: false })
        {
            yield return $"'{definition.Id.Projection}' is a table; it must be taken over with 'projections adopt {definition.Id.Projection}' before reads can be switched.";
        }

        if (access.Count > 0)
        {
            yield return $"The switch will be refused, as readers would not see the same rows and columns: {string.Join("; ", access)}. Change {definition.Files.Folder}/table.sql or, where it is meant, switch with '--accept-access'.";
        }

        foreach (var note in OfChange(definition, change, dependants))
        {
            yield return note;
        }
    }

    /// <summary>What does not hold for rows that are on several servers.</summary>
    public static IReadOnlyList<string> OfKind(TableKind kind) => kind != TableKind.Distributed
        ? []
        :
        [
            "Its rows are on several servers (Citus). Rows and checkpoint commit together there, too, and the switch proves positions as ever; but no snapshot shows all servers at one moment. A reader may see some rows of a commit before others, and a statement that joins read models may see them at different positions. 'verify' looks at rows that differ once more, while the versions stand still for a moment.",
            "While a server that has some of the rows is gone, this version leaves the lockstep and catches up later; as the live one it waits, and versions of other projections do not.",
        ];

    /// <summary>What is proved of rows that are taken from the live version, and what that costs.</summary>
    public static IReadOnlyList<string> OfSeed(ProjectionVersion definition, Seed seed, ProjectionsOptions options) =>
    [
        $"{definition.Files.Folder}/seed.sql takes its rows from {seed.From.Id} at one position; then it follows from there. That takes about as long as the INSERT … SELECT and the indexes by themselves, however many events there are.",
        .. seed.Except.Count == 0 ? (string[])[] : [$"Events that {seed.From.Id} does not handle ({string.Join(", ", seed.Except.Order(StringComparer.Ordinal))}) are folded over its rows, in the same transaction. That is right where they touch columns of their own, which the sample shows."],
        string.Create(
            CultureInfo.InvariantCulture,
            $"Once it is ready, a worker compares all rows with those of {seed.From.Id}, and {SeedProof.RowsToFold(options):N0} rows (or all, where there are fewer) in all columns with a fold of their events: {SeedProof.Promise(options)}. The switch waits for both. ")
            + (definition.RowsNameTheirStream ? "Only the streams of those rows are read for it." : "Which streams those rows are made of is not known, so history is read once for it (StreamOf names a row's stream)."),
    ];

    private static IEnumerable<string> OfChange(ProjectionVersion definition, ReadNameChange? change, IReadOnlyList<string> dependants)
    {
        switch (change?.Manner)
        {
            case ChangeManner.Replaced:
                yield return "The columns that readers have now keep their order and types; prepared statements live on"
                    + (change.Gained.Count == 0 ? ", 'SELECT *' among them." : ", but for 'SELECT *': it fails once with 'cached plan must not change result type' and must be prepared anew.");
                break;
            case ChangeManner.Recreated:
                yield return "The view is dropped and created in one transaction: prepared statements that name their columns live on, as long as those are there; a prepared 'SELECT *' fails once with 'cached plan must not change result type' and must be prepared anew.";
                if (dependants.Count > 0)
                {
                    yield return $"The switch will be refused while these depend on '{definition.Id.Projection}': {string.Join(", ", dependants)}. Drop them first and create them again afterwards, or keep the columns with '--keep-contract'.";
                }

                break;
        }
    }
}
