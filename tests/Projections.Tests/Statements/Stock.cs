using Projections.Definitions;
using Projections.Events;
using Projections.SqlProjections;

namespace Projections.Tests.Statements;

internal sealed record Arrived(string Product, int Quantity);

internal sealed record Left(string Product, int Quantity);

internal sealed record Noted(string Product, string? Note);

/// <summary>A version made of statements, whose table refuses what goes below zero.</summary>
internal sealed class Stock(PoisonPolicy onPoison = PoisonPolicy.Stop) : SqlProjection("stock", 1, Types)
{
    public static readonly EventTypes Types = Projections.Events.EventTypes.Create(types => types
        .Map<Arrived>("arrived")
        .Map<Left>("left")
        .Map<Noted>("noted"));

    public override PoisonPolicy OnPoison => onPoison;

    public override VersionFiles Files => new(
        "test/Stock/V1",
        """
        create table stock_v1 (
            product  text primary key,
            quantity integer not null check (quantity >= 0),
            changes  integer not null,
            note     text
        )
        """,
        null,
        "drop table stock_v1",
        "none");

    public static RecordedEvent Arrive(long position, string product, int quantity) =>
        Projections.Tests.Events.Recorded.Event(position, "arrived", $$"""{"product":"{{product}}","quantity":{{quantity}}}""");

    public static RecordedEvent Leave(long position, string product, int quantity) =>
        Projections.Tests.Events.Recorded.Event(position, "left", $$"""{"product":"{{product}}","quantity":{{quantity}}}""");

    protected override void Define(SqlDefinition on)
    {
        on.Event<Arrived>().Executes(
            """
            insert into stock_v1 (product, quantity, changes) values (@product, @quantity, 0)
            on conflict (product) do update set quantity = stock_v1.quantity + excluded.quantity
            """,
            e => [("product", e.Data.Product), ("quantity", e.Data.Quantity)]);
        on.Event<Left>()
            .Executes("update stock_v1 set changes = changes + 1 where product = @product", e => [("product", e.Data.Product)])
            .Executes(
                "update stock_v1 set quantity = quantity - @quantity where product = @product",
                e => [("product", e.Data.Product), ("quantity", e.Data.Quantity)]);
        on.Event<Noted>().Executes(
            "update stock_v1 set note = @note where product = @product",
            e => [("product", e.Data.Product), ("note", e.Data.Note)]);
    }
}
