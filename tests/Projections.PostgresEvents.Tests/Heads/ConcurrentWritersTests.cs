using Npgsql;
using Projections.Events;
using Projections.TestServers;

namespace Projections.PostgresEvents.Tests.Heads;

public sealed class ConcurrentWritersTests
{
    private const int Writers = 12;
    private const int TransactionsAWriter = 60;

    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reader_that_follows_sees_every_committed_event_once_and_in_order(bool isIndexed)
    {
        var seed = Environment.TickCount;
        await using var table = await NumberedTable.CreateAsync(isIndexed: isIndexed);
        await using var source = await table.OpenAsync();
        using var patience = new CancellationTokenSource(Deadline.Generous);
        var seen = new List<long>();
        var written = Task.WhenAll(Enumerable.Range(0, Writers).Select(n => Task.Run(() => WriteAsync(table, new Random(seed + n), n, patience.Token))));

        var reached = EventPosition.BeforeFirst;
        long last = 0;
        while (!written.IsCompleted || reached.Major < last)
        {
            var head = await source.GetSafeHeadAsync(patience.Token);
            await foreach (var batch in source.ReadAsync(reached, head.Position, EventFilter.All, patience.Token))
            {
                using (batch)
                {
                    foreach (var one in batch.Events)
                    {
                        seen.Add(one.Position.Major);
                    }
                }
            }

            reached = EventPosition.Max(reached, head.Position);
            if (written.IsCompleted)
            {
                last = await table.Database.ScalarAsync<long>("SELECT last_value FROM events_n_seq", patience.Token);
            }
        }

        await written;
        var committed = new List<long>();
        await using var command = table.Database.DataSource.CreateCommand("SELECT n FROM events ORDER BY n");
        await using var reader = await command.ExecuteReaderAsync(patience.Token);
        while (await reader.ReadAsync(patience.Token))
        {
            committed.Add(reader.GetInt64(0));
        }

        committed.Count.ShouldBeGreaterThan(Writers * TransactionsAWriter / 2);
        seen.ShouldBe(committed, $"seed {seed}");
    }

    // Every kind of end that a transaction can come to, with pauses between the drawing of numbers and the end.
    private static async Task WriteAsync(NumberedTable table, Random random, int writer, CancellationToken cancellationToken)
    {
        for (var n = 0; n < TransactionsAWriter; n++)
        {
            await using var connection = await table.Database.DataSource.OpenConnectionAsync(cancellationToken);
            await RunAsync("BEGIN");
            for (var inserts = random.Next(1, 4); inserts > 0; inserts--)
            {
                await RunAsync(random.Next(4) switch
                {
                    0 => "SAVEPOINT s; INSERT INTO events DEFAULT VALUES; ROLLBACK TO SAVEPOINT s",
                    1 => "SAVEPOINT s; INSERT INTO events DEFAULT VALUES; RELEASE SAVEPOINT s",
                    2 => "SELECT nextval('events_n_seq')",
                    _ => "INSERT INTO events DEFAULT VALUES",
                });
                await Task.Delay(random.Next(0, 8), cancellationToken);
            }

            await RunAsync("INSERT INTO events SELECT FROM generate_series(1, 2)");
            var prepared = $"w{writer}_{n}";
            switch (random.Next(6))
            {
                case 0:
                    await RunAsync("ROLLBACK");
                    break;
                case 1:
                    await RunAsync($"PREPARE TRANSACTION '{prepared}'");
                    await Task.Delay(random.Next(0, 20), cancellationToken);
                    await RunAsync($"COMMIT PREPARED '{prepared}'");
                    break;
                default:
                    await RunAsync("COMMIT");
                    break;
            }

            async Task RunAsync(string sql)
            {
                await using var command = new NpgsqlCommand(sql, connection);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
        }
    }
}
