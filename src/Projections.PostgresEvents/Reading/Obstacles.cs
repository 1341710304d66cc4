using System.Globalization;
using Npgsql;
using Projections.Events;
using Projections.Postgres;
using Projections.PostgresEvents.Layout;

namespace Projections.PostgresEvents.Reading;

/// <summary>Events that keep history from being read whole, looked for before it is.</summary>
internal sealed class Obstacles(NpgsqlConnection connection, EventTableLayout layout, EventFilter filter)
{
    /// <summary>One binary event of each wanted type.</summary>
    public async ValueTask<IReadOnlyList<string>> FindBinaryAsync(CancellationToken cancellationToken)
    {
        if (!layout.HasBinaryData)
        {
            return [];
        }

        var wanted = filter.Types is { } types ? $" AND {Type} = ANY ({SqlName.Literal(types)})" : "";
        var found = await FindAsync($"{EventTableLayout.Column(layout.Mapping.BinaryData!)} IS NOT NULL{wanted}", cancellationToken);
        return [.. found.Select(one => Binary(layout, one.Position, one.Type))];
    }

    /// <summary>How many streams are archived although none of their events says so, and one of them.</summary>
    public async ValueTask<(long Count, string? Example)> FindSilentlyArchivedAsync(CancellationToken cancellationToken)
    {
        if (layout.Mapping is not { StreamsTable: { } streams, ArchivedStreams: { } archived })
        {
            return (0, null);
        }

        await using var command = new NpgsqlCommand(
            $"""
            SELECT count(*), min(s.id::text)
            FROM {SqlName.Quote(layout.Mapping.Schema, streams)} AS s
            WHERE s.{SqlName.Quote(archived)}{(filter.Category is { } category ? $" AND {layout.StreamInCategory(SqlName.Literal(category))}" : "")}
                AND NOT EXISTS (SELECT 1 FROM {layout.Table} AS e WHERE {layout.OfStream} AND {Type} = {SqlName.Literal(StreamArchived.Name)})
            """,
            connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetString(1));
    }

    /// <summary>What is said of an event that only its application can read.</summary>
    public static string Binary(EventTableLayout layout, long position, string type) =>
        string.Create(CultureInfo.InvariantCulture, $"The event {position} of type '{type}' in {layout.Table} holds its data in the binary column \"{layout.Mapping.BinaryData}\", not as JSON. ")
        + "Only its application can read that. Store the type as JSON (do not opt it in to a binary serializer), and rewrite its events, "
        + "or leave the type out of the projection.";

    private async Task<List<(long Position, string Type)>> FindAsync(string condition, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT DISTINCT ON ({Type}) {layout.Position}::int8, {Type}
            FROM {layout.Table} AS e
            WHERE {layout.Where(0, long.MaxValue, filter with { Types = null })} AND {condition}
            ORDER BY {Type}, {layout.Position}
            """,
            connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<(long, string)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add((reader.GetInt64(0), reader.GetString(1)));
        }

        return found;
    }

    private string Type => EventTableLayout.Column(layout.Mapping.Type);
}
