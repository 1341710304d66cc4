using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;

namespace Projections.Chaos.ReadModels;

/// <summary>One row an account, for ever: what was booked on it, how many events it had, and their order.</summary>
internal sealed class BalanceV1() : TableProjection<Guid, BalanceV1.Row>("balance", 1, AccountEvents.Types)
{
    public override VersionFiles Files { get; } = new(
        "ReadModels/Balance/V1",
        "create table balance_v1 (account uuid primary key, events integer not null, total bigint not null, digest bigint not null)",
        "create index on balance_v1 (total)",
        "drop table balance_v1",
        "b100000000000000000000000000000000000000000000000000000000000000");

    protected override void Define(FoldDefinition<Guid, Row> on)
    {
        on.Event<Opened>().ByStream().Upserts((row, e) => row.Count(e.Position, 0));
        on.Event<Booked>().ByStream().Upserts((row, e) => row.Count(e.Position, e.Data.Amount));
        on.Event<Closed>().ByStream().Upserts((row, e) => row.Count(e.Position, 0));
    }

    public sealed class Row
    {
        [Key]
        public Guid Account { get; set; }

        public int Events { get; set; }

        public long Total { get; set; }

        public long Digest { get; set; }

        public void Count(EventPosition position, int amount)
        {
            Events++;
            Total += amount;
            Digest = unchecked((Digest * 31) + position.Major);
        }
    }
}

/// <summary>As v1, with one more column behind the others.</summary>
internal sealed class BalanceV2() : TableProjection<Guid, BalanceV2.Row>("balance", 2, AccountEvents.Types)
{
    public override VersionFiles Files { get; } = new(
        "ReadModels/Balance/V2",
        "create table balance_v2 (account uuid primary key, events integer not null, total bigint not null, digest bigint not null, biggest integer not null)",
        "create index on balance_v2 (biggest)",
        "drop table balance_v2",
        "b200000000000000000000000000000000000000000000000000000000000000");

    protected override void Define(FoldDefinition<Guid, Row> on)
    {
        on.Event<Opened>().ByStream().Upserts((row, e) => row.Count(e.Position, 0));
        on.Event<Booked>().ByStream().Upserts((row, e) => row.Count(e.Position, e.Data.Amount));
        on.Event<Closed>().ByStream().Upserts((row, e) => row.Count(e.Position, 0));
    }

    public sealed class Row
    {
        [Key]
        public Guid Account { get; set; }

        public int Events { get; set; }

        public long Total { get; set; }

        public long Digest { get; set; }

        public int Biggest { get; set; }

        public void Count(EventPosition position, int amount)
        {
            Events++;
            Total += amount;
            Digest = unchecked((Digest * 31) + position.Major);
            Biggest = Math.Max(Biggest, amount);
        }
    }
}
