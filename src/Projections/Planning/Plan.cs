using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;
using Projections.Replay;
using Projections.Switching;
using Projections.Switching.Access;
using Projections.Tables;

namespace Projections.Planning;

/// <summary>Says what a rebuild of a version and a switch to it will do, without doing anything.</summary>
internal sealed class Plan(ProjectionSystem system)
{
    /// <summary>Reading is of the store. The read models' database serves the writer, the loading of rows, the lease, and the listening.</summary>
    private const int Connections = 4;

    /// <param name="projection">The projection.</param>
    /// <param name="to">The version, or <c>null</c> for the newest.</param>
    /// <param name="cancellationToken">Cancels the looking.</param>
    /// <exception cref="OperationRefused">There is no such version, or its table cannot be created.</exception>
    public async Task<RebuildPlan> RunAsync(ProjectionName projection, int? to, CancellationToken cancellationToken)
    {
        var definition = DeclaredVersion.Choose(system.Registry, projection, to, "plan");
        var snapshot = await system.Catalog.ReadAsync(projection, cancellationToken);
        var version = snapshot?.Find(definition.Id.Number);
        var need = NeedOf(version);
        var (seed, seedNotes) = need == ReplayNeed.Full ? await FindSeedAsync(definition, version, cancellationToken) : (null, []);
        need = seed is null ? need : ReplayNeed.Seed;
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var events = await CountAsync(definition, version?.Checkpoint ?? EventPosition.BeforeFirst, need, cancellationToken);
        var bytes = need is ReplayNeed.Full or ReplayNeed.Seed ? await SizeOfLiveAsync(connection, snapshot, cancellationToken) : 0;
        var view = await ReadName.ReadAsync(connection, system.Options.Schema, projection.Value, cancellationToken);
        var (change, access, kind) = await CompareAsync(connection, definition, snapshot, view, cancellationToken);
        var dependants = view is null ? [] : await Dependants.OfAsync(connection, view.Oid, cancellationToken);
        return new RebuildPlan(
            definition.Id,
            snapshot?.LiveVersion,
            need,
            events.ToDictionary(type => type.Key, type => type.Value.Events),
            events.Values.Any(count => count.IsAbout),
            need == ReplayNeed.Seed ? null : DurationOf(snapshot, events.Values.Sum(count => count.Events)),
            bytes,
            // A row and its index entries are logged once each, with about a tenth of overhead.
            bytes * 11 / 10,
            Connections,
            change,
            dependants,
            [.. seedNotes, .. need == ReplayNeed.Full ? await OfSourceAsync(definition, cancellationToken) : [], .. PlanNotes.Of(definition, version, snapshot, view, change, dependants, access), .. PlanNotes.OfKind(kind)]);
    }

    private async Task<(Seed? Seed, IReadOnlyList<string> Notes)> FindSeedAsync(ProjectionVersion definition, VersionSnapshot? version, CancellationToken cancellationToken)
    {
        try
        {
            var seed = await Seed.FindAsync(system, definition, version, cancellationToken);
            return (seed, seed is not null ? PlanNotes.OfSeed(definition, seed, system.Options)
                : definition.Files.SeedSql is null ? []
                : [$"{definition.Files.Folder}/seed.sql is left aside, as {(version is { FromEvents: true } ? "somebody asked for that (--from-events)" : "no version is live whose rows it could take")}: all of history is replayed."]);
        }
        catch (BuildRefused refused)
        {
            return (null, [refused.Message]);
        }
    }

    private async Task<IReadOnlyList<string>> OfSourceAsync(ProjectionVersion definition, CancellationToken cancellationToken)
    {
        var fit = await SourceFit.FindAsync(system.Source.History, definition, cancellationToken);
        var place = await system.Source.DescribeHistoryAsync(cancellationToken);
        return [.. fit.Obstacles, .. fit.Remarks, .. place is null ? (string[])[] : [$"{char.ToUpperInvariant(place[0])}{place[1..]}."]];
    }

    private static ReplayNeed NeedOf(VersionSnapshot? version) => version switch
    {
        { State: VersionState.Live or VersionState.Ready or VersionState.Standby } => ReplayNeed.None,
        { State: not VersionState.Retired, Checkpoint: not null } => ReplayNeed.Part,
        _ => ReplayNeed.Full,
    };

    private async Task<IReadOnlyDictionary<string, EventCount>> CountAsync(
        ProjectionVersion definition, EventPosition after, ReplayNeed need, CancellationToken cancellationToken)
    {
        var counts = new SortedDictionary<string, EventCount>(StringComparer.Ordinal);
        if (need is ReplayNeed.None or ReplayNeed.Seed)
        {
            return counts;
        }

        foreach (var type in definition.EventTypeNames)
        {
            var filter = new EventFilter(new HashSet<string> { type }, definition.StreamCategory);
            counts.Add(type, await system.Source.EstimateCountAsync(after, filter, cancellationToken));
        }

        return counts;
    }

    private async Task<long?> SizeOfLiveAsync(NpgsqlConnection connection, ProjectionSnapshot? snapshot, CancellationToken cancellationToken)
    {
        if (snapshot?.Live is not { } live)
        {
            return null;
        }

        var figures = await TableFigures.ReadAsync(connection, SqlName.Quote(system.Options.Schema, live.Id.Table), cancellationToken);
        return figures.Bytes + figures.IndexBytes;
    }

    /// <summary>By the rate of the last replay of any version.</summary>
    private static TimeSpan? DurationOf(ProjectionSnapshot? snapshot, long events)
    {
        var last = snapshot?.Versions
            .Where(version => version is { StartedAt: not null, ReplayedAt: not null, EventsDone: > 0, SeededFrom: null })
            .MaxBy(version => version.ReplayedAt);
        if (last is null)
        {
            return events == 0 ? TimeSpan.Zero : null;
        }

        var replayed = Math.Min(last.EventsDone, last.EventsTotal ?? last.EventsDone);
        return replayed > 0 ? (last.ReplayedAt!.Value - last.StartedAt!.Value) * ((double)events / replayed) : null;
    }

    /// <summary>The table may not be there yet, so it is made where it leaves nothing behind.</summary>
    private async Task<(ReadNameChange? Change, IReadOnlyList<string> Access, TableKind Kind)> CompareAsync(
        NpgsqlConnection connection, ProjectionVersion definition, ProjectionSnapshot? snapshot, ReadName? view, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            var made = await RehearsedTable.CreateAsync(system, connection, definition, cancellationToken);
            var schema = made.Kind == TableKind.Distributed ? made.Schema : await connection.ScalarAsync<string>("select nspname::text from pg_namespace where oid = pg_my_temp_schema()", cancellationToken);
            var table = await ReadName.ReadAsync(connection, schema!, definition.Id.Table, cancellationToken);
            var kept = snapshot?.Contract is not null ? view?.Columns.Select(column => column.Name).ToList() : null;
            if (table is null)
            {
                return (null, [], made.Kind);
            }

            var change = ReadNameChange.From(view?.Columns, table.Columns, kept);
            return (change, await CompareAccessAsync(connection, definition, snapshot, view, table, change, cancellationToken), made.Kind);
        }
        catch (PostgresException exception) when (!PassingFault.Is(exception))
        {
            throw new OperationRefused($"Cannot plan {definition.Id}: {definition.Files.Folder}/table.sql fails: {exception.Words}. Mend the file.");
        }
    }

    private async Task<IReadOnlyList<string>> CompareAccessAsync(
        NpgsqlConnection connection, ProjectionVersion definition, ProjectionSnapshot? snapshot, ReadName? view, ReadName rehearsed, ReadNameChange change, CancellationToken cancellationToken)
    {
        if (view is not { IsView: true } || snapshot?.Live is not { } live || live.Id == definition.Id
            || await ReadName.ReadAsync(connection, system.Options.Schema, live.Id.Table, cancellationToken) is not { } now)
        {
            return [];
        }

        // A table that is there may have been given rights and policies by hand.
        var then = await ReadName.ReadAsync(connection, system.Options.Schema, definition.Id.Table, cancellationToken) ?? rehearsed;
        return await new AccessComparison(connection, view, now, then, change.Columns).FindDifferencesAsync(cancellationToken);
    }
}
