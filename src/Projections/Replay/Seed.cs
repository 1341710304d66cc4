using System.Globalization;
using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Replay;

/// <summary>
/// What a version takes its rows from in place of a replay: the live version, by its <c>seed.sql</c>. Judged before anything is made, by all that can be told without
/// looking at rows; what is wrong with the rows themselves is found by the proof, without which no reads move to the version.
/// </summary>
/// <param name="From">The live version.</param>
/// <param name="Statement">The INSERT.</param>
/// <param name="Except">The event types that the live version does not handle: they are folded over the rows that are taken from it.</param>
internal sealed record Seed(VersionSnapshot From, string Statement, IReadOnlySet<string> Except)
{
    /// <param name="system">The system.</param>
    /// <param name="definition">The version.</param>
    /// <param name="version">What the catalog says of it, if anything.</param>
    /// <param name="cancellationToken">Cancels the looking.</param>
    /// <returns>The seed, or <c>null</c> where history is to be replayed: somebody asked for it, there is no <c>seed.sql</c>, or no live version to take rows from.</returns>
    /// <exception cref="BuildRefused">The version cannot be seeded.</exception>
    public static async Task<Seed?> FindAsync(ProjectionSystem system, ProjectionVersion definition, VersionSnapshot? version, CancellationToken cancellationToken)
    {
        if (definition.Files.SeedSql is not { } sql || version is { FromEvents: true })
        {
            return null;
        }

        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var live = (await ProjectionCatalog.ReadAsync(connection, definition.Id.Projection, cancellationToken)).SingleOrDefault()?.Live;
        if (live is null || live.Id == definition.Id)
        {
            return null;
        }

        var problems = OfVersions(system, definition, live).ToList();
        var except = ExceptOf(system, definition, live);
        problems.AddRange(await OfEventsAsync(system, definition, live, except, cancellationToken));
        var script = await ReadAsync(system, definition, sql, live, connection, cancellationToken);
        problems.AddRange(script.Problems.Select(problem => $"{definition.Files.Folder}/seed.sql: {problem}"));
        return problems.Count == 0
            ? new Seed(live, script.Statement, except)
            : throw new BuildRefused(
                $"{definition.Id} cannot be seeded from {live.Id}. {string.Join(" ", problems)} Mend it, then run 'projections resume {definition.Id.Projection} --version {definition.Id.Number}'; or have history replayed after all with 'projections rebuild {definition.Id.Projection} --to {definition.Id.Number} --anew --from-events'.");
    }

    private static IEnumerable<string> OfVersions(ProjectionSystem system, ProjectionVersion definition, VersionSnapshot live)
    {
        if (live.Id.Number > definition.Id.Number)
        {
            yield return $"The live version is a later one, {live.Id}.";
        }

        if (live is { External: true } or { Checkpoint: null })
        {
            yield return $"{live.Id} {(live.External ? "is written by another program" : "has no checkpoint")}, so nobody knows which events its rows are made of.";
        }

        if (system.Registry.Find(live.Id) is null)
        {
            yield return $"Which events the rows of {live.Id} are made of is not known: {system.Registry.WhyMissing(live.Id)}";
        }

        if (definition.Rows is null)
        {
            yield return "Its SQL statements may touch any row, so no row can be folded by itself to prove that it is right.";
        }

        if (definition.ChangesSince(live.Id.Number) is { } changes && (changes.AddedRows.Count > 0 || changes.DroppedRows.Count > 0))
        {
            yield return "DefineChanges says that it has other rows than the live version (AddsRows, DropsRows): a row that is missing is in no sample of those that are there, so it could not be proved.";
        }
    }

    private static HashSet<string> ExceptOf(ProjectionSystem system, ProjectionVersion definition, VersionSnapshot live) =>
        definition.EventTypeNames.Except(system.Registry.Find(live.Id)?.EventTypeNames ?? definition.EventTypeNames).ToHashSet(StringComparer.Ordinal);

    /// <summary>
    /// What the live version does not handle is in none of its rows, and is folded over them: too late for whatever makes or deletes rows, as later events were folded on those that
    /// were there.
    /// </summary>
    private static async Task<IReadOnlyList<string>> OfEventsAsync(
        ProjectionSystem system, ProjectionVersion definition, VersionSnapshot live, IReadOnlySet<string> except, CancellationToken cancellationToken)
    {
        if (system.Registry.Find(live.Id) is { } before && definition.StreamCategory != before.StreamCategory)
        {
            return [$"It reads streams of the category '{definition.StreamCategory ?? "any"}', and {live.Id} of '{before.StreamCategory ?? "any"}'."];
        }

        var late = except.Except(definition.TypesThatKeepRows).ToHashSet(StringComparer.Ordinal);
        if (late.Count == 0 || live.Checkpoint is not { } through)
        {
            return [];
        }

        await foreach (var batch in system.Source.ReadAsync(EventPosition.BeforeFirst, through, new EventFilter(late, definition.StreamCategory), cancellationToken))
        {
            using (batch)
            {
                if (batch.Count > 0)
                {
                    return [$"It handles events that {live.Id} does not ({string.Join(", ", late.Order(StringComparer.Ordinal).Select(type => $"'{type}'"))}) otherwise than by 'Updates(…, WhenMissing.Skip)', and there are such events, the first at position {batch.Memory.Span[0].Position}: folded over its rows, they would come too late."];
                }
            }
        }

        return [];
    }

    private static async Task<SeedScript> ReadAsync(
        ProjectionSystem system, ProjectionVersion definition, string sql, VersionSnapshot live, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var file = "table.sql";
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            // The table may not be there yet, so it is made where it leaves nothing behind.
            using var scratch = await ScratchFold.RehearseAsync(system, connection, definition, _ => { }, cancellationToken);
            file = "seed.sql";
            return await SeedScript.ReadAsync(connection, sql, scratch.Relation, SqlName.Quote(system.Options.Schema, live.Id.Table), cancellationToken);
        }
        catch (PostgresException exception) when (!PassingFault.Is(exception))
        {
            throw new BuildRefused(string.Create(
                CultureInfo.InvariantCulture,
                $"{definition.Id} cannot be seeded from {live.Id}: {definition.Files.Folder}/{file} fails: {exception.Words}. Mend the file, then run 'projections resume {definition.Id.Projection} --version {definition.Id.Number}'."));
        }
    }
}
