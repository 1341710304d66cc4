using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Tables;

namespace Projections.EndToEnd.Seeds;

/// <summary>As v1, with two more columns that follow from what v1 has. What its rows begin with is said by a test.</summary>
internal sealed class GradedTallyV2(string? seed) : TableProjection<Guid, GradedTallyV2.Row>("tally", 2, TallyEvents.Types)
{
    public const string RightSeed =
        """
        -- What v1 has, and what follows from it; this comment; and that one /* end; */
        insert into tally_v2 (id, total, events, doubled, grade)
        select id, total, events, total * 2, case when total >= 10 then 'big' else 'small' end
        from tally_v1; -- all of them
        """;

    public override VersionFiles Files { get; } = new(
        "projections/Tally/V2",
        "create table tally_v2 (id uuid primary key, total bigint not null, events integer not null, doubled bigint not null, grade text not null)",
        "create index tally_v2_grade on tally_v2 (grade)",
        "drop table tally_v2",
        "2222222222222222222222222222222222222222222222222222222222222222")
    {
        SeedSql = seed,
    };

    /// <summary>Whether the version has another opinion than v1 of a column that both have.</summary>
    public bool CountsOtherwise { get; init; }

    protected override void Define(FoldDefinition<Guid, Row> on)
    {
        on.Event<Added>().ByStream().Upserts((row, e) =>
        {
            row.Total += e.Data.Amount;
            row.Doubled = row.Total * 2;
            row.Events += CountsOtherwise && e.Data.Amount == 0 ? 0 : 1;
            row.Grade = row.Total >= 10 ? "big" : "small";
        });
    }

    public sealed class Row
    {
        [Key]
        public Guid Id { get; set; }

        public long Total { get; set; }

        public int Events { get; set; }

        public long Doubled { get; set; }

        public string Grade { get; set; } = "";
    }
}
