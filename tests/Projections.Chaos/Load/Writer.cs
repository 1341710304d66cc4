using System.Diagnostics;
using Npgsql;
using Projections.Chaos.Ground;
using Projections.Chaos.ReadModels;
using Projections.Events;
using Projections.PostgresEvents.Marten;

namespace Projections.Chaos.Load;

/// <summary>An application that appends events as Marten does, on accounts of its own: in part late, and in part in vain.</summary>
/// <param name="ground">Where the store is.</param>
/// <param name="late">How long a number may be drawn before the transaction begins that stores its event.</param>
/// <param name="rich">Whether numbers are drawn before the transaction, by statements of their own (Marten's rich append), or within it (its quick append).</param>
/// <param name="seed">Of its dice.</param>
internal sealed class Writer(ChaosGround ground, TimeSpan late, bool rich, int seed)
{
    private const int OpenAtOnce = 12;

    /// <summary>What Marten's tables are waited for when a number was drawn and nobody seems to have it, with a margin.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly Random _random = new(seed);
    private readonly (Guid Stream, string Customer)[] _accounts = new (Guid, string)[OpenAtOnce];

    public async Task WriteAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await AppendAsync();
            }
            catch (NpgsqlException)
            {
                // The server went away, or somebody ended the session. Whether it was stored, the next look at the account shows.
            }

            await Task.WhenAny(Task.Delay(Pause * (2 * _random.NextDouble()), stop));
        }
    }

    private async Task AppendAsync()
    {
        var place = _random.Next(OpenAtOnce);
        if (_accounts[place].Stream == default)
        {
            _accounts[place] = (Guid.NewGuid(), Accounts.Customer(_random));
        }

        var (stream, customer) = _accounts[place];
        await using var connection = await ground.Shop.OpenConnectionAsync();
        var (version, last) = await ReadAsync(connection, stream);
        if (last == AccountEvents.Closed)
        {
            _accounts[place] = default;
            return;
        }

        var events = Events(version, customer);
        if (rich)
        {
            await AppendRichAsync(connection, stream, version, events);
        }
        else
        {
            await AppendQuickAsync(connection, stream, events);
        }
    }

    private (string Type, string Json)[] Events(long version, string customer) =>
        version == 0 ? [Accounts.Open(customer), Accounts.Book(customer, _random)]
        : _random.Next(15) == 0 ? [Accounts.Close(customer)]
        : [.. Enumerable.Range(0, _random.Next(1, 5)).Select(_ => Accounts.Book(customer, _random))];

    private async Task AppendQuickAsync(NpgsqlConnection connection, Guid stream, (string Type, string Json)[] events)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await new MartenEventTable(ground.Shop, ChaosGround.EventSchema).AppendAsync(connection, new StreamId(stream), events);
        await HoldAsync();
        await EndAsync(transaction);
    }

    private async Task AppendRichAsync(NpgsqlConnection connection, Guid stream, long version, (string Type, string Json)[] events)
    {
        var drawn = Stopwatch.GetTimestamp();
        var numbers = await DrawAsync(connection, events.Length);
        if (_random.Next(10) == 0)
        {
            await Task.Delay(late * _random.NextDouble());
        }

        await using var transaction = await connection.BeginTransactionAsync();
        if (!await TakeVersionsAsync(connection, stream, version, events.Length) || IsLaterThanPromised(drawn))
        {
            await transaction.RollbackAsync();
            return;
        }

        await InsertAsync(connection, stream, version, numbers, events);
        await HoldAsync();
        await EndAsync(transaction);
    }

    /// <summary>Where the store must not be late, a machine that is too busy for that gives the append up.</summary>
    private bool IsLaterThanPromised(long drawn) => late < Grace && Stopwatch.GetElapsedTime(drawn) > Grace - Margin;

    private Task HoldAsync() => _random.Next(10) == 0 ? Task.Delay(TimeSpan.FromSeconds(2 * _random.NextDouble())) : Task.CompletedTask;

    private Task EndAsync(NpgsqlTransaction transaction) => _random.Next(8) == 0 ? transaction.RollbackAsync() : transaction.CommitAsync();

    private static async Task<(long Version, string? Last)> ReadAsync(NpgsqlConnection connection, Guid stream)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select s.version, (select e.type from {ChaosGround.EventSchema}.mt_events e where e.stream_id = s.id and e.version = s.version)
            from {ChaosGround.EventSchema}.mt_streams s where s.id = $1
            """,
            connection)
            { Parameters = { new NpgsqlParameter { Value = stream } } };
        await using var row = await command.ExecuteReaderAsync();
        return await row.ReadAsync() ? (row.GetInt64(0), row.IsDBNull(1) ? null : row.GetString(1)) : (0, null);
    }

    private static async Task<long[]> DrawAsync(NpgsqlConnection connection, int count)
    {
        await using var command = new NpgsqlCommand(
            $"select array_agg(nextval('{ChaosGround.EventSchema}.mt_events_sequence')) from generate_series(1, $1)", connection)
            { Parameters = { new NpgsqlParameter { Value = count } } };
        return (long[])(await command.ExecuteScalarAsync())!;
    }

    private static async Task<bool> TakeVersionsAsync(NpgsqlConnection connection, Guid stream, long version, int count)
    {
        await using var command = new NpgsqlCommand(
            version == 0
                ? $"insert into {ChaosGround.EventSchema}.mt_streams (id, version) values ($1, $2 + $3)"
                : $"update {ChaosGround.EventSchema}.mt_streams set version = version + $3, timestamp = now() where id = $1 and version = $2",
            connection)
            { Parameters = { new NpgsqlParameter { Value = stream }, new NpgsqlParameter { Value = version }, new NpgsqlParameter { Value = (long)count } } };
        return await command.ExecuteNonQueryAsync() == 1;
    }

    private static async Task InsertAsync(NpgsqlConnection connection, Guid stream, long version, long[] numbers, (string Type, string Json)[] events)
    {
        await using var batch = new NpgsqlBatch(connection);
        for (var i = 0; i < events.Length; i++)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(
                $"insert into {ChaosGround.EventSchema}.mt_events (seq_id, id, stream_id, version, type, data) values ($1, gen_random_uuid(), $2, $3, $4, $5::jsonb)")
            {
                Parameters =
                {
                    new NpgsqlParameter { Value = numbers[i] },
                    new NpgsqlParameter { Value = stream },
                    new NpgsqlParameter { Value = version + i + 1 },
                    new NpgsqlParameter { Value = events[i].Type },
                    new NpgsqlParameter { Value = events[i].Json },
                },
            });
        }

        await batch.ExecuteNonQueryAsync();
    }
}
