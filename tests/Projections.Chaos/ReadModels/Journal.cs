using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.Events;
using Projections.SqlProjections;
using Projections.Tables;

namespace Projections.Chaos.ReadModels;

/// <summary>One row an event: what is lost is missing here, and what is folded twice is an error.</summary>
internal sealed class JournalV1() : TableProjection<long, JournalV1.Row>("journal", 1, AccountEvents.Types)
{
    public override VersionFiles Files { get; } = new(
        "ReadModels/Journal/V1",
        "create table journal_v1 (position bigint primary key, account uuid not null, number bigint not null)",
        "create unique index on journal_v1 (account, number)",
        "drop table journal_v1",
        "a100000000000000000000000000000000000000000000000000000000000000");

    protected override void Define(FoldDefinition<long, Row> on)
    {
        on.Event<Opened>().By(e => e.Position.Major).Creates((row, e) => (row.Account, row.Number) = (e.Stream.Guid, e.StreamVersion));
        on.Event<Booked>().By(e => e.Position.Major).Creates((row, e) => (row.Account, row.Number) = (e.Stream.Guid, e.StreamVersion));
        on.Event<Closed>().By(e => e.Position.Major).Creates((row, e) => (row.Account, row.Number) = (e.Stream.Guid, e.StreamVersion));
    }

    public sealed class Row
    {
        [Key]
        public long Position { get; set; }

        public Guid Account { get; set; }

        public long Number { get; set; }
    }
}

/// <summary>The same by statements, which are folded in another way.</summary>
internal sealed class JournalV2() : SqlProjection("journal", 2, AccountEvents.Types)
{
    private const string Enter = "insert into journal_v2 (position, account, number) values (@position, @account, @number)";

    public override VersionFiles Files { get; } = new(
        "ReadModels/Journal/V2",
        "create table journal_v2 (position bigint primary key, account uuid not null, number bigint not null)",
        "create unique index on journal_v2 (account, number)",
        "drop table journal_v2",
        "a200000000000000000000000000000000000000000000000000000000000000");

    protected override void Define(SqlDefinition on)
    {
        on.Event<Opened>().Executes(Enter, Line);
        on.Event<Booked>().Executes(Enter, Line);
        on.Event<Closed>().Executes(Enter, Line);
    }

    private static (string, object?)[] Line<T>(Event<T> e) => [("position", e.Position.Major), ("account", e.Stream.Guid), ("number", e.StreamVersion)];
}
