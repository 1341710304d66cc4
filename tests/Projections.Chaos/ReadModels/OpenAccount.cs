using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.Tables;

namespace Projections.Chaos.ReadModels;

/// <summary>One row an account while it is open; an event too few or too many is an error at once.</summary>
internal sealed class OpenAccountV1() : TableProjection<Guid, OpenAccountV1.Row>("open_account", 1, AccountEvents.Types)
{
    public override VersionFiles Files { get; } = new(
        "ReadModels/OpenAccount/V1",
        "create table open_account_v1 (account uuid primary key, events integer not null, total bigint not null)",
        null,
        "drop table open_account_v1",
        "0100000000000000000000000000000000000000000000000000000000000000");

    protected override void Define(FoldDefinition<Guid, Row> on)
    {
        on.Event<Opened>().ByStream().Creates((row, _) => row.Events = 1);
        on.Event<Booked>().ByStream().Updates(
            (row, e) =>
            {
                row.Events++;
                row.Total += e.Data.Amount;
            },
            WhenMissing.Fail);
        on.Event<Closed>().ByStream().Deletes(WhenMissing.Fail);
    }

    public sealed class Row
    {
        [Key]
        public Guid Account { get; set; }

        public int Events { get; set; }

        public long Total { get; set; }
    }
}

/// <summary>As v1, with the customer.</summary>
internal sealed class OpenAccountV2() : TableProjection<Guid, OpenAccountV2.Row>("open_account", 2, AccountEvents.Types)
{
    public override VersionFiles Files { get; } = new(
        "ReadModels/OpenAccount/V2",
        "create table open_account_v2 (account uuid primary key, events integer not null, total bigint not null, customer text not null)",
        "create index on open_account_v2 (customer)",
        "drop table open_account_v2",
        "0200000000000000000000000000000000000000000000000000000000000000");

    protected override void Define(FoldDefinition<Guid, Row> on)
    {
        on.Event<Opened>().ByStream().Creates((row, e) =>
        {
            row.Events = 1;
            row.Customer = e.Data.Customer;
        });
        on.Event<Booked>().ByStream().Updates(
            (row, e) =>
            {
                row.Events++;
                row.Total += e.Data.Amount;
            },
            WhenMissing.Fail);
        on.Event<Closed>().ByStream().Deletes(WhenMissing.Fail);
    }

    public sealed class Row
    {
        [Key]
        public Guid Account { get; set; }

        public int Events { get; set; }

        public long Total { get; set; }

        public string Customer { get; set; } = "";
    }
}
