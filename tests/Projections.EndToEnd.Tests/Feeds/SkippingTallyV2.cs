using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Tables;

namespace Projections.EndToEnd.Feeds;

/// <summary>
/// A v2 with the columns of v1 that passes over every third amount, and deletes a row whose total comes to a multiple of seven: some rows are as in v1, some are not, and
/// some are not there.
/// </summary>
internal sealed class SkippingTallyV2() : TableProjection<Guid, SkippingTallyV2.Row>("tally", 2, TallyEvents.Types)
{
    public override VersionFiles Files { get; } = new(
        "projections/Tally/V2",
        "create table tally_v2 (id uuid primary key, total bigint not null, events integer not null)",
        null,
        "drop table tally_v2",
        "6666666666666666666666666666666666666666666666666666666666666666");

    protected override StreamId? StreamOf(Guid key) => new StreamId(key);

    protected override void Define(FoldDefinition<Guid, Row> on) =>
        on.Event<Added>().ByEach(e => e.Data.Amount % 3 == 0 ? [] : new[] { e.Stream.Guid }).Upserts((row, e, _) =>
        {
            row.Total += e.Data.Amount;
            row.Events++;
        }).DeletesWhen(row => row.Total % 7 == 0);

    public sealed class Row
    {
        [Key]
        public Guid Id { get; set; }

        public long Total { get; set; }

        public int Events { get; set; }
    }
}
