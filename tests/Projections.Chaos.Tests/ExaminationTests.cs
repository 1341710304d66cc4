using Projections.Chaos.Examination;
using Projections.Chaos.Ground;
using Projections.Chaos.ReadModels;
using Projections.Chaos.Report;
using Projections.TestServers;

namespace Projections.Chaos;

/// <summary>A run that finds nothing proves something only if it would have found it.</summary>
public sealed class ExaminationTests
{
    [PostgresFact(OwnCluster = true)]
    public async Task What_is_lost_doubled_or_otherwise_wrong_in_a_table_is_found()
    {
        await using var ground = await ChaosGround.PrepareAsync(new ChaosOptions { History = 100, Seed = 2 }, CancellationToken.None);
        await ExecuteAsync(ground, new BalanceV1().Files.TableSql);
        await ExecuteAsync(
            ground,
            """
            with recursive numbered as (
                select stream_id, seq_id, version, type, coalesce((data->>'amount')::bigint, 0) as amount from events.mt_events
            ), folded as (
                select stream_id, version, seq_id as digest, amount as total from numbered where version = 1
                union all
                select n.stream_id, n.version, f.digest * 31 + n.seq_id, f.total + n.amount
                from folded f join numbered n on n.stream_id = f.stream_id and n.version = f.version + 1
                where n.version <= 4
            )
            insert into balance_v1 select stream_id, 4, total, digest from folded where version = 4;
            delete from events.mt_events where version > 4
            """);
        var record = await CompareAsync(ground);
        Wrongs.All.ShouldAllBe(what => record.Wrongs(what) == 0, string.Join('\n', record.Details.Values.SelectMany(lines => lines)));

        await ExecuteAsync(
            ground,
            """
            with chosen as (select account, row_number() over (order by account) as number from balance_v1)
            update balance_v1 b
            set events = events + case number when 1 then 2 when 2 then -1 else 0 end, total = total + case number when 3 then 1 else 0 end
            from chosen c where c.account = b.account;
            delete from balance_v1 where account = (select max(account::text)::uuid from balance_v1)
            """);
        record = await CompareAsync(ground);

        record.Wrongs(Wrongs.Doubled).ShouldBe(2);
        record.Wrongs(Wrongs.Lost).ShouldBe(1 + 4, "one event of a row, and a row of four");
        record.Wrongs(Wrongs.Rows).ShouldBe(1);
    }

    private static async Task<ChaosRecord> CompareAsync(ChaosGround ground)
    {
        var record = new ChaosRecord(TextWriter.Null);
        await new TableComparison(ground, record).CompareAsync(await PlainFold.OfAsync(ground), "balance_v1");
        return record;
    }

    private static async Task ExecuteAsync(ChaosGround ground, string sql)
    {
        await using var command = ground.Observer.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
