using Projections.Events;

namespace Projections.EndToEnd.Marten;

/// <summary>Orders in a store.</summary>
internal static class OrderStore
{
    public static StreamId Order(int number) => new(new Guid(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 2]));

    public static Task<long> PlaceAsync(this World world, int order, int total = 100, string? tenant = null) =>
        world.Store.AppendAsync(Order(order), [("placed", $$"""{"total":{{total}}}""")], "order", tenant);

    public static Task<long> PayAsync(this World world, int order, int amount = 1, string? tenant = null) =>
        world.Store.AppendAsync(Order(order), [Payment(amount)], "order", tenant);

    /// <summary>One session that pays and archives, as Marten's rich mode carries it out.</summary>
    public static async Task PayAndArchiveAsync(this World world, int order, int amount = 1)
    {
        await using var connection = await world.Sql.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await world.Store.ArchiveAsync(connection, Order(order));
        await world.Store.AppendAsync(connection, Order(order), [Payment(amount)], "order");
        await transaction.CommitAsync();
    }

    /// <summary>Says that an order is archived, and archives it, in one session or in two.</summary>
    public static async Task EndAsync(this World world, int order, bool inOneSession)
    {
        await using var connection = await world.Sql.OpenConnectionAsync();
        if (inOneSession)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await world.Store.ArchiveAsync(connection, Order(order));
            await world.Store.AppendAsync(connection, Order(order), [Archived], "order");
            await transaction.CommitAsync();
            return;
        }

        await world.Store.AppendAsync(connection, Order(order), [Archived], "order");
        await world.Store.ArchiveAsync(connection, Order(order));
    }

    /// <summary>Puts the last event of an order in the place of all, with what they came to.</summary>
    public static Task CompactAsync(this World world, int order, int total, int paid) =>
        world.Database.ExecuteAsync(
            $"""
            update events.mt_events
            set type = 'Compacted<Order>', data = jsonb_build_object('snapshot', jsonb_build_object('total', {total}, 'paid', {paid}))
            where stream_id = '{Order(order)}' and version = (select version from events.mt_streams where id = '{Order(order)}');
            delete from events.mt_events where stream_id = '{Order(order)}' and type <> 'Compacted<Order>'
            """);

    private static (string Type, string Json) Archived => ("archived", """{"Reason":"done"}""");

    private static (string Type, string Json) Payment(int amount) => ("paid", $$"""{"amount":{{amount}}}""");
}
