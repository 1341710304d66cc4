using System.Data;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Verification;

/// <summary>Finds the keys of the rows that a repair is for.</summary>
internal sealed class RepairedKeys(ProjectionSystem system, ProjectionVersion definition, VersionSnapshot version)
{
    /// <summary>Beyond so many rows a rebuild beside the live version is the better way.</summary>
    private const int Most = 100_000;

    private readonly HashSet<string[]> _keys = new(new SameParts());

    /// <exception cref="OperationRefused">A key is none, or there are too many.</exception>
    public async Task<IReadOnlyList<string[]>> FindAsync(RepairScope scope, CancellationToken cancellationToken)
    {
        var columns = RowKey.ColumnsOf(definition.Columns!);
        _keys.UnionWith(scope.Keys.Select(key => RowKey.Parse(key, columns, version.Id)));
        if (scope.Streams.Count > 0)
        {
            var streams = scope.Streams.Select(stream => Guid.TryParse(stream, out var guid) ? new StreamId(guid) : new StreamId(stream)).ToList();
            await AddOfEventsAsync(definition.Filter with { Streams = streams }, null, cancellationToken);
        }

        if (scope.Tenant is { } tenant)
        {
            await AddOfEventsAsync(definition.Filter, tenant, cancellationToken);
        }

        if (scope.WhereDifferent)
        {
            await AddDifferingAsync(cancellationToken);
        }

        return [.. _keys];
    }

    private async Task AddOfEventsAsync(EventFilter filter, string? tenant, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var upTo = (await system.Source.GetSafeHeadAsync(cancellationToken)).Position;
        await foreach (var batch in system.Source.ReadAsync(EventPosition.BeforeFirst, upTo, filter, cancellationToken))
        {
            using (batch)
            {
                var events = tenant is null ? batch.Memory : OfTenant(batch, tenant);
                Add(await definition.Rows!.KeysOfAsync(connection, events, cancellationToken));
            }
        }
    }

    private async Task AddDifferingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var snapshot = (await ProjectionCatalog.ReadAsync(connection, version.Id.Projection, cancellationToken)).SingleOrDefault();
        var (earlier, later) = Verify.Choose(version.Id.Projection, snapshot, version.Id.Number, version.State == VersionState.Live ? null : snapshot?.LiveVersion);
        if (earlier.Checkpoint != later.Checkpoint)
        {
            throw new OperationRefused($"Cannot find the rows in which {earlier.Id} and v{later.Id.Number} differ: they are not at the same position. Wait until both are followed.");
        }

        var plan = await new Verify(system).PlanAsync(connection, earlier, later, cancellationToken);
        Add(await new RowComparison(connection, plan, ComparisonPace.Usual).DifferingKeysAsync(Most + 1, cancellationToken));
    }

    private void Add(IReadOnlyList<string[]> keys)
    {
        _keys.UnionWith(keys);
        if (_keys.Count > Most)
        {
            throw new OperationRefused($"Cannot repair {version.Id}: more than {Most} rows are concerned. Rebuild it beside the live version instead, or name fewer.");
        }
    }

    private static ReadOnlyMemory<RecordedEvent> OfTenant(EventBatch batch, string tenant)
    {
        var events = new List<RecordedEvent>();
        foreach (var recorded in batch.Events)
        {
            if (recorded.Tenant == tenant)
            {
                events.Add(recorded);
            }
        }

        return events.ToArray();
    }

    private sealed class SameParts : IEqualityComparer<string[]>
    {
        public bool Equals(string[]? left, string[]? right) => left is not null && right is not null && left.AsSpan().SequenceEqual(right);

        public int GetHashCode(string[] parts)
        {
            var hash = default(HashCode);
            foreach (var part in parts)
            {
                hash.Add(part, StringComparer.Ordinal);
            }

            return hash.ToHashCode();
        }
    }
}
