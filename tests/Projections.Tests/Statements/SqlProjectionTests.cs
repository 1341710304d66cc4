using System.Text;
using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;
using Projections.Testing;
using Projections.TestServers;
using Projections.Tests.Events;
using Projections.Tests.Tables;

namespace Projections.Tests.Statements;

public sealed class SqlProjectionTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task Statements_run_in_the_order_of_their_events_over_many_batches()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Stock());
        using var fold = table.Open();
        var events = new List<RecordedEvent>();
        for (var position = 1; position <= 900; position += 3)
        {
            // Each would fail if it ran before the one ahead of it.
            events.Add(Stock.Arrive(position, "bolt", 2));
            events.Add(Stock.Leave(position + 1, "bolt", 2));
            events.Add(Stock.Arrive(position + 2, "nut", 1));
        }

        (await table.FoldAsync(fold, [.. events])).ShouldBe(900);
        fold.HasChanges.ShouldBeTrue();
        (await table.CommitAsync(fold)).ShouldBe(1_200);

        fold.HasChanges.ShouldBeFalse();
        fold.MemoryBytes.ShouldBe(0);
        (await table.RowsAsync()).ShouldBe(["(bolt,0,300,)", "(nut,300,0,)"]);
    }

    [PostgresFact]
    public async Task Statements_belong_to_the_transaction_of_the_write_and_are_gone_with_it()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Stock());
        using var fold = table.Open();
        await table.FoldAsync(fold, Stock.Arrive(1, "bolt", 5));
        (await table.RowsAsync()).ShouldBeEmpty();

        await table.WriteAndRollBackAsync(fold);
        fold.Forget();

        (await table.RowsAsync()).ShouldBeEmpty();
        fold.HasChanges.ShouldBeFalse();
        await table.FoldAsync(fold, Stock.Arrive(1, "bolt", 5));
        await table.CommitAsync(fold);
        (await table.RowsAsync()).ShouldBe(["(bolt,5,0,)"]);
    }

    [PostgresFact]
    public async Task A_null_is_a_parameter_like_any_other()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Stock());
        using var fold = table.Open();
        await table.FoldAsync(
            fold,
            Stock.Arrive(1, "bolt", 5),
            Recorded.Event(2, "noted", """{"product":"bolt","note":"top shelf"}"""),
            Stock.Arrive(3, "nut", 5),
            Recorded.Event(4, "noted", """{"product":"bolt","note":null}"""),
            Recorded.Event(5, "noted", """{"product":"nut","note":"it's \"here\""}"""));

        await table.CommitAsync(fold);

        (await table.RowsAsync()).ShouldBe(["(bolt,5,0,)", "(nut,5,0,\"it's \"\"here\"\"\")"]);
    }

    [PostgresFact]
    public async Task Memory_counts_what_waits_so_that_the_engine_writes_in_time()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Stock());
        using var fold = table.Open();
        await table.FoldAsync(fold, Stock.Arrive(1, "bolt", 5));
        var one = fold.MemoryBytes;

        await table.FoldAsync(fold, Stock.Arrive(2, "bolt", 5), Stock.Arrive(3, "bolt", 5));

        one.ShouldBeGreaterThan(250);
        fold.MemoryBytes.ShouldBe(3 * one);
    }

    [PostgresFact]
    public async Task Many_statements_are_written_before_they_take_much_memory_because_they_take_long()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Stock());
        using var fold = table.Open();

        await table.FoldAsync(fold, [.. Enumerable.Range(1, 9_999).Select(i => Stock.Arrive(i, "bolt", 1))]);
        fold.MemoryBytes.ShouldBeLessThan(100_000_000);

        await table.FoldAsync(fold, Stock.Arrive(10_000, "bolt", 1));
        fold.MemoryBytes.ShouldBe(long.MaxValue);
    }

    [PostgresFact]
    public async Task A_statement_that_the_event_makes_fail_stops_the_version_at_the_event()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Stock());
        using var fold = table.Open();
        await table.FoldAsync(fold, [.. Enumerable.Range(1, 300).Select(i => Stock.Arrive(i, "bolt", 1)), Stock.Leave(301, "bolt", 301), Stock.Arrive(302, "bolt", 1)]);

        var poison = await Should.ThrowAsync<PoisonEvent>(table.CommitAsync(fold));

        poison.Position.ShouldBe(new EventPosition(301));
        poison.Stage.ShouldBe(PoisonStage.Fold);
        poison.Message.ShouldBe(
            "stock v1 stopped at position 301: the event 'left' of stream 'test-1' cannot be folded: new row for relation \"stock_v1\" violates check constraint \"stock_v1_quantity_check\" (SQLSTATE 23514)");
        (await table.RowsAsync()).ShouldBeEmpty();
    }

    [PostgresTheory]
    [InlineData(9, 2)]
    [InlineData(1, 3)]
    public async Task A_version_stops_at_the_first_bad_event_whether_it_is_decoded_or_its_statement_fails(int leaves, long stopsAt)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Stock());
        using var fold = table.Open();
        await table.FoldAsync(fold, Stock.Arrive(1, "bolt", 5), Stock.Leave(2, "bolt", leaves), Recorded.Event(3, "noted", "[]"), Stock.Leave(4, "bolt", 99));
        fold.HasChanges.ShouldBeTrue();
        fold.MemoryBytes.ShouldBe(long.MaxValue, "nothing more can be folded, so it is to be written at once");

        var poison = await Should.ThrowAsync<PoisonEvent>(table.CommitAsync(fold));

        poison.Position.ShouldBe(new EventPosition(stopsAt));
        (await table.RowsAsync()).ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task A_statement_that_the_event_makes_fail_is_set_aside_with_all_of_the_event_and_nothing_else()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Stock(PoisonPolicy.SetAside));
        using var fold = table.Open();
        var buffer = Encoding.UTF8.GetBytes("""{"product":"bolt","quantity":9999}""");
        var reused = Recorded.Event(150, "left", "{}", metadata: """{"user":"ann"}""", tenant: "acme");
        var events = Enumerable.Range(1, 600).Select(i => i switch
        {
            150 => new RecordedEvent
            {
                Position = reused.Position,
                Stream = reused.Stream,
                StreamVersion = reused.StreamVersion,
                Type = reused.Type,
                Data = buffer,
                Metadata = reused.Metadata,
                Time = reused.Time,
                Tenant = reused.Tenant,
            },
            400 => Recorded.Event(i, "arrived", """{"product":"bolt"}"""),
            390 or 599 => Stock.Leave(i, "bolt", 9999),
            _ => Stock.Arrive(i, "bolt", 1),
        }).ToArray();
        await table.FoldAsync(fold, events);
        buffer.AsSpan().Fill((byte)'x');

        await table.CommitAsync(fold, setAside =>
        {
            setAside.Select(e => (e.Position.Major, e.Stage)).ShouldBe(
                [(150, PoisonStage.Fold), (390, PoisonStage.Fold), (400, PoisonStage.Decode), (599, PoisonStage.Fold)]);
            Encoding.UTF8.GetString(setAside[0].Data).ShouldBe("""{"product":"bolt","quantity":9999}""");
            Encoding.UTF8.GetString(setAside[0].Metadata).ShouldBe("""{"user":"ann"}""");
            setAside[0].Tenant.ShouldBe("acme");
            setAside[0].Error.ShouldBe("new row for relation \"stock_v1\" violates check constraint \"stock_v1_quantity_check\" (SQLSTATE 23514)");
        });

        // The failed events' first statements would have counted changes.
        (await table.RowsAsync()).ShouldBe(["(bolt,596,0,)"]);
    }

    [PostgresTheory]
    [InlineData(PoisonPolicy.Stop)]
    [InlineData(PoisonPolicy.SetAside)]
    public async Task A_statement_that_no_event_is_to_blame_for_fails_as_it_is(PoisonPolicy onPoison)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Stock(onPoison));
        using var fold = table.Open();
        await table.FoldAsync(fold, Stock.Arrive(1, "bolt", 1));
        await table.ExecuteAsync("alter table stock_v1 rename to elsewhere");

        var failed = await Should.ThrowAsync<PostgresException>(table.CommitAsync(fold));

        failed.SqlState.ShouldBe(PostgresErrorCodes.UndefinedTable);
        fold.SetAside.ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task Only_the_table_itself_is_checked_of_a_version_made_of_statements()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync();

        (await TableContract.FindErrorsAsync(connection, [new Stock()], CancellationToken.None)).ShouldBeEmpty();
        new Stock().Columns.ShouldBeNull();
        new Stock().EventTypeNames.Order().ShouldBe(["arrived", "left", "noted"]);
    }
}
