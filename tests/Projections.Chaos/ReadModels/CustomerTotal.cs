using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;

namespace Projections.Chaos.ReadModels;

/// <summary>One row a customer, of whose accounts the events come in any order of streams: only their positions order them.</summary>
internal sealed class CustomerTotalV1() : TableProjection<string, CustomerTotalV1.Row>("customer_total", 1, AccountEvents.Types)
{
    public override VersionFiles Files { get; } = new(
        "ReadModels/CustomerTotal/V1",
        "create table customer_total_v1 (customer text primary key, events integer not null, total bigint not null, digest bigint not null)",
        null,
        "drop table customer_total_v1",
        "c100000000000000000000000000000000000000000000000000000000000000");

    protected override void Define(FoldDefinition<string, Row> on)
    {
        on.Event<Opened>().By(e => e.Data.Customer).Upserts((row, e) => row.Count(e.Position, 0));
        on.Event<Booked>().By(e => e.Data.Customer).Upserts((row, e) => row.Count(e.Position, e.Data.Amount));
        on.Event<Closed>().By(e => e.Data.Customer).Upserts((row, e) => row.Count(e.Position, 0));
    }

    public sealed class Row
    {
        [Key]
        public string Customer { get; set; } = "";

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

/// <summary>Since v1 a total is a number with any digits, and the digest is gone: a switch has to make the read name anew.</summary>
internal sealed class CustomerTotalV2() : TableProjection<string, CustomerTotalV2.Row>("customer_total", 2, AccountEvents.Types)
{
    public override VersionFiles Files { get; } = new(
        "ReadModels/CustomerTotal/V2",
        "create table customer_total_v2 (customer text primary key, events integer not null, total numeric not null, last bigint not null)",
        "create index on customer_total_v2 (last)",
        "drop table customer_total_v2",
        "c200000000000000000000000000000000000000000000000000000000000000");

    protected override void Define(FoldDefinition<string, Row> on)
    {
        on.Event<Opened>().By(e => e.Data.Customer).Upserts((row, e) => row.Count(e.Position, 0));
        on.Event<Booked>().By(e => e.Data.Customer).Upserts((row, e) => row.Count(e.Position, e.Data.Amount));
        on.Event<Closed>().By(e => e.Data.Customer).Upserts((row, e) => row.Count(e.Position, 0));
    }

    public sealed class Row
    {
        [Key]
        public string Customer { get; set; } = "";

        public int Events { get; set; }

        public decimal Total { get; set; }

        public long Last { get; set; }

        public void Count(EventPosition position, int amount)
        {
            Events++;
            Total += amount;
            Last = position.Major;
        }
    }
}
