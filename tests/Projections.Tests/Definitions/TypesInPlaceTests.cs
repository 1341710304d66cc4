using System.ComponentModel.DataAnnotations;
using Projections.Events;
using Projections.Tables;

namespace Projections.Definitions;

public sealed class TypesInPlaceTests
{
    [Fact]
    public void A_version_may_declare_its_event_types_where_it_hands_them_over() => new RingsV1().EventTypeNames.ShouldBe(["rang"]);

    private sealed record Rang;

    private sealed class RingsV1() : TableProjection<Guid, RingsV1.Row>("rings", 1, EventTypes.Create(types => types.Map<Rang>("rang")))
    {
        protected override void Define(FoldDefinition<Guid, Row> on) => on.Event<Rang>().ByStream().Upserts((row, _) => row.Times++);

        public sealed class Row
        {
            [Key]
            public Guid Bell { get; set; }

            public int Times { get; set; }
        }
    }
}
