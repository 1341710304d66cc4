using System.Globalization;
using Npgsql;

namespace Projections.EndToEnd.LateEvents;

/// <summary>
/// Applications that append in rich mode, each one invoice after another: they draw numbers, take up to some time with it, and insert, or
/// roll back one time in three. What a restart of the server broke off they try again, with the same numbers, as Marten's retries do.
/// </summary>
internal sealed class RichWriters(NpgsqlDataSource sql, TimeSpan longest, int seed)
{
    private int _appended;
    private int _rolledBack;
    private int _retried;

    /// <summary>How many events are in the store.</summary>
    public int Appended => Volatile.Read(ref _appended);

    /// <summary>How many numbers were drawn for nothing.</summary>
    public int RolledBack => Volatile.Read(ref _rolledBack);

    /// <summary>How many inserts were broken off by a fault and tried again.</summary>
    public int Retried => Volatile.Read(ref _retried);

    /// <summary>Goes on until it is stopped; each writer finishes what it appends.</summary>
    public Task RunAsync(int writers, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() => WriteAsync(new Random(seed + writer), stop), CancellationToken.None)));

    private async Task WriteAsync(Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var invoice = Guid.NewGuid();
            await AppendAsync(random, invoice, ("invoice_issued", """{"number":"N","customer":"ana","currency":"EUR","dueOn":"2026-01-01"}"""));

            // What follows in the stream comes at once: behind an event that is late, ahead of its being folded in.
            for (var line = 1; line <= 3 && !stop.IsCancellationRequested; line++)
            {
                await AppendAsync(
                    random,
                    invoice,
                    [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => ("line_added", string.Create(
                        CultureInfo.InvariantCulture, $$"""{"line":{{line}},"product":"paper","quantity":{{random.Next(1, 9)}},"unitPrice":3.50}""")))]);
            }
        }
    }

    private async Task AppendAsync(Random random, Guid invoice, params (string Type, string Json)[] events)
    {
        while (true)
        {
            var append = await PersistAsync(() => RichAppend.DrawAsync(sql, invoice, events.Length));
            // As a rule at once; the rest takes its time, as long as it likes.
            await Task.Delay(random.Next(3) == 0 ? TimeSpan.Zero : longest * random.NextDouble(), CancellationToken.None);
            if (random.Next(3) == 0)
            {
                await PersistAsync(() => RollBackAsync(append, events));
                Interlocked.Add(ref _rolledBack, events.Length);
                continue;
            }

            await PersistAsync(() => InsertAsync(append, events));
            Interlocked.Add(ref _appended, events.Length);
            return;
        }
    }

    private async Task<bool> RollBackAsync(RichAppend append, (string Type, string Json)[] events)
    {
        await append.InsertAsync(sql, commit: false, events);
        return true;
    }

    private async Task<bool> InsertAsync(RichAppend append, (string Type, string Json)[] events)
    {
        // The connection may have been lost during the COMMIT.
        await using var command = sql.CreateCommand("select exists (select from events.mt_events where seq_id = $1)");
        command.Parameters.Add(new NpgsqlParameter { Value = append.Number });
        if (!(bool)(await command.ExecuteScalarAsync())!)
        {
            await append.InsertAsync(sql, commit: true, events);
        }

        return true;
    }

    private async Task<T> PersistAsync<T>(Func<Task<T>> attempt)
    {
        while (true)
        {
            try
            {
                return await attempt();
            }
            catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
            {
                Interlocked.Increment(ref _retried);
                await Task.Delay(100, CancellationToken.None);
            }
        }
    }
}
