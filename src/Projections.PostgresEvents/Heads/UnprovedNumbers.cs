using Npgsql;
using Projections.Events;
using Projections.PostgresEvents.Layout;

namespace Projections.PostgresEvents.Heads;

/// <summary>
/// The numbers that the high-water mark passed because time went by. Which of a range were missing is looked up when it is first read,
/// by those who read it: who only asks for the head pays nothing, and what is missing later than that the reader has seen.
/// </summary>
internal sealed class UnprovedNumbers(NpgsqlDataSource dataSource, EventTableLayout layout, TimeProvider time) : IGivenUpNumbers, IDisposable
{
    // Beyond so many the oldest are forgotten: some 3 MB, and more than a day of one gap a second.
    private const int Most = 100_000;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private List<Passed> _unexamined = [];

    // In the order of the numbers, which is nearly that of time.
    private readonly List<GivenUpNumbers> _missing = [];

    /// <summary>The mark passed these without a proof.</summary>
    public void Add(IReadOnlyList<(long After, long UpTo)> ranges)
    {
        if (ranges.Count > 0)
        {
            lock (_lock)
            {
                _unexamined.AddRange(ranges.Select(range => new Passed(range.After, range.UpTo, time.GetUtcNow())));
            }
        }
    }

    /// <summary>The store was restored: what is known of it does not count.</summary>
    public void StartAgain()
    {
        lock (_lock)
        {
            _unexamined = [];
            _missing.Clear();
        }
    }

    /// <summary>Finds out, before they are read, which of the numbers in a range are missing.</summary>
    /// <param name="after">Behind which.</param>
    /// <param name="upTo">Up to which.</param>
    /// <param name="ask">Asks a server of which all that was seen there is seen by whoever reads later, on any.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async ValueTask ExamineAsync(
        long after, long upTo, Func<Func<NpgsqlConnection, ValueTask<List<GivenUpNumbers>>>, Task<List<GivenUpNumbers>>> ask, CancellationToken cancellationToken)
    {
        if (!IsUnexamined(after, upTo))
        {
            return;
        }

        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            while (NextUnexamined(after, upTo) is { } passed)
            {
                var from = Math.Max(after, passed.After);
                var to = Math.Min(upTo, passed.UpTo);
                var missing = await ask(connection => ReadGapsAsync(connection, from, to, passed.Since, cancellationToken));
                Examined(passed, from, to, missing);
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public IReadOnlyList<GivenUpNumbers> Between(EventPosition after, EventPosition upTo)
    {
        lock (_lock)
        {
            if (_missing.Count == 0 || _missing[^1].Last <= after.Major)
            {
                return [];
            }

            return
            [
                .. _missing.Where(range => range.First <= upTo.Major && range.Last > after.Major)
                    .Select(range => range with { First = Math.Max(range.First, after.Major + 1), Last = Math.Min(range.Last, upTo.Major) }),
            ];
        }
    }

    public async Task<IReadOnlyList<long>> FindAsync(IReadOnlyList<GivenUpNumbers> numbers, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = dataSource.CreateCommand(
                $"""
                SELECT found.n
                FROM unnest($1::bigint[], $2::bigint[]) AS given_up (first, last)
                    CROSS JOIN LATERAL (
                        SELECT {layout.Position} AS n
                        FROM {layout.Table} AS e
                        WHERE {layout.Position} BETWEEN given_up.first AND given_up.last
                        ORDER BY {layout.Position}
                        LIMIT 1000
                    ) AS found
                ORDER BY found.n
                """);
            command.Parameters.Add(new NpgsqlParameter { Value = numbers.Select(range => range.First).ToArray() });
            command.Parameters.Add(new NpgsqlParameter { Value = numbers.Select(range => range.Last).ToArray() });
            return await ReadAsync(command, row => row.GetInt64(0), cancellationToken);
        }
        catch (Exception exception) when (StoreErrors.IsFromStore(exception))
        {
            throw StoreErrors.Translate(exception, layout.Table);
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private bool IsUnexamined(long after, long upTo)
    {
        lock (_lock)
        {
            return _unexamined.Exists(passed => passed.After < upTo && passed.UpTo > after);
        }
    }

    private Passed? NextUnexamined(long after, long upTo)
    {
        lock (_lock)
        {
            return _unexamined.Find(passed => passed.After < upTo && passed.UpTo > after);
        }
    }

    private async ValueTask<List<GivenUpNumbers>> ReadGapsAsync(NpgsqlConnection connection, long after, long upTo, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT first, last
            FROM (
                SELECT lag(n, 1, $1) OVER (ORDER BY n) + 1 AS first, n - 1 AS last
                FROM (
                    SELECT {layout.Position} AS n
                    FROM {layout.Table} AS e
                    WHERE {layout.Position} > $1 AND {layout.Position} <= $2
                    UNION ALL
                    SELECT $2 + 1
                ) AS numbers
            ) AS gaps
            WHERE first <= last
            ORDER BY first DESC
            LIMIT {Most}
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = after });
        command.Parameters.Add(new NpgsqlParameter { Value = upTo });
        return await ReadAsync(command, row => new GivenUpNumbers(row.GetInt64(0), row.GetInt64(1), since), cancellationToken);
    }

    private void Examined(Passed passed, long after, long upTo, List<GivenUpNumbers> missing)
    {
        lock (_lock)
        {
            if (!_unexamined.Remove(passed))
            {
                return;
            }

            if (passed.After < after)
            {
                _unexamined.Add(passed with { UpTo = after });
            }

            if (upTo < passed.UpTo)
            {
                _unexamined.Add(passed with { After = upTo });
            }

            _missing.AddRange(missing);
            _missing.Sort((left, right) => left.First.CompareTo(right.First));
            if (_missing.Count > Most)
            {
                _missing.RemoveRange(0, _missing.Count - Most);
            }
        }
    }

    private static async Task<List<T>> ReadAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>Numbers after one up to another of which it is not known which are missing.</summary>
    private sealed record Passed(long After, long UpTo, DateTimeOffset Since);
}
