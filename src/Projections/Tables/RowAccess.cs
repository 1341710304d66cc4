using System.Globalization;
using System.Runtime.InteropServices;
using Npgsql;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Tables;

/// <summary>The rows of a table projection one by one.</summary>
/// <param name="mapping">Row and table.</param>
/// <param name="createRoutes">Makes routes for a fold of its own.</param>
/// <param name="streamOf">The only stream whose events are for a row, or <c>null</c>.</param>
/// <param name="openFold">Opens a fold of chosen rows.</param>
internal sealed class RowAccess<TKey, TRow>(
    RowMapping<TKey, TRow> mapping,
    Func<IReadOnlyDictionary<string, EventRoute<TKey, TRow>>> createRoutes,
    Func<TKey, StreamId?> streamOf,
    Func<FoldOptions, IReadOnlySet<TKey>, IVersionFold> openFold) : IRowAccess
    where TKey : notnull
    where TRow : class, new()
{
    public async Task<IRowSelection> SelectAsync(NpgsqlConnection connection, IReadOnlyList<string[]> keys, CancellationToken cancellationToken)
    {
        var names = mapping.Key.Select((_, part) => string.Create(CultureInfo.InvariantCulture, $"k{part}")).ToList();
        var casts = string.Join(", ", mapping.Key.Select((part, i) => $"{names[i]}::{part.Column.Type}"));
        var arrays = string.Join(", ", names.Select((_, part) => string.Create(CultureInfo.InvariantCulture, $"${part + 1}::text[]")));
        await using var command = new NpgsqlCommand($"select {casts} from unnest({arrays}) as k ({string.Join(", ", names)})", connection);
        for (var part = 0; part < names.Count; part++)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = keys.Select(key => key[part]).ToArray() });
        }

        var chosen = new HashSet<TKey>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            chosen.Add(mapping.ReadKey(reader));
        }

        return new Selection(chosen, StreamsOf(chosen), openFold);
    }

    public IRowJson AsJson(IReadOnlyCollection<string>? shown) => new RowJson<TKey, TRow>(mapping, shown);

    public async Task<IReadOnlyList<string[]>> KeysOfAsync(NpgsqlConnection connection, ReadOnlyMemory<RecordedEvent> events, CancellationToken cancellationToken)
    {
        var keys = Collect(events);
        var values = string.Join(", ", mapping.Key.Select((part, i) => string.Create(CultureInfo.InvariantCulture, $"${i + 1}::{part.Column.Type}[]")));
        var names = string.Join(", ", mapping.Key.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"k{i}")));
        var texts = string.Join(", ", mapping.Key.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"k{i}::text")));
        await using var command = new NpgsqlCommand($"select array[{texts}] from unnest({values}) as k ({names})", connection);
        foreach (var part in mapping.Key)
        {
            command.Parameters.Add(part.Values(CollectionsMarshal.AsSpan(keys)));
        }

        var found = new List<string[]>(keys.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetFieldValue<string[]>(0));
        }

        return found;
    }

    private List<TKey> Collect(ReadOnlyMemory<RecordedEvent> events)
    {
        var routes = new EventRoutes<EventRoute<TKey, TRow>>(createRoutes());
        var keys = new MissingKeys<TKey, TRow>(mapping, new RowSet<TKey, TRow>(mapping));
        var batch = events.ToArray();
        for (var index = 0; index < batch.Length; index++)
        {
            if (routes.Find(batch[index].Type) is { } route)
            {
                try
                {
                    route.Decode(batch, index, decoded: null);
                    route.AddKeys(keys, batch, index);
                }
                catch (Exception error) when (error is not OutOfMemoryException)
                {
                    // Whoever folds it will say what is wrong with it.
                }
            }
        }

        return keys.Keys;
    }

    private List<StreamId>? StreamsOf(IEnumerable<TKey> keys)
    {
        var streams = new HashSet<StreamId>();
        foreach (var key in keys)
        {
            if (streamOf(key) is not { } stream)
            {
                return null;
            }

            streams.Add(stream);
        }

        return [.. streams];
    }

    private sealed class Selection(
        IReadOnlySet<TKey> keys, IReadOnlyCollection<StreamId>? streams, Func<FoldOptions, IReadOnlySet<TKey>, IVersionFold> openFold) : IRowSelection
    {
        public IReadOnlyCollection<StreamId>? Streams => streams;

        public IVersionFold OpenFold(FoldOptions options) => openFold(options, keys);
    }
}
