using Projections.Definitions;

namespace Projections.Testing.Tests;

public sealed class ProjectionSpecTests
{
    private static readonly DateTime Noon = new(2026, 5, 4, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Events_of_several_streams_tenants_times_and_users_come_in_the_order_given() => ProjectionSpec.For(new DemandV1())
        .At(Noon).ForTenant("acme").WithMetadata("user", "ann")
        .Given("order-1", new OrderPlaced("c1", [new("bolt", 2), new("nut", 4)]))
        .At(Noon.AddHours(1)).WithMetadata("user", "bob")
        .Given("order-2", new OrderPlaced("c2", [new("bolt", 1)]))
        .ForTenant("umbrella").WithMetadata("user", null)
        .Given("order-1", new OrderPlaced("c1", [new("bolt", 7)]))
        .Then(new("acme", "bolt"), new DemandV1.Row { Tenant = "acme", Product = "bolt", Quantity = 3, Price = 1m, LastUser = "bob", AskedAt = Noon.AddHours(1) })
        .Then(new("acme", "nut"), row => row.LastUser.ShouldBe("ann"))
        .Then(new("umbrella", "bolt"), row => row.LastUser.ShouldBeNull())
        .ThenNothingElse();

    [Fact]
    public void An_event_of_an_old_version_is_upcast_whether_it_is_given_as_its_class_or_as_it_is_stored() => ProjectionSpec.For(new DemandV1())
        .ForTenant("acme")
        .Given("order-1", new OrderPlacedV1("c1", "bolt"))
        .GivenStored("order-2", "order_placed_v1", """{"customer":"c1","product":"bolt"}""")
        .Then(new("acme", "bolt"), row => row.Quantity.ShouldBe(2))
        .ThenNothingElse();

    [Fact]
    public void A_story_goes_on_after_what_it_came_to() => ProjectionSpec.For(new OrdersV1())
        .ThenNothingElse()
        .Given("order-1", new OrderPlaced("c1", []))
        .Then("order-1", row => row.Customer.ShouldBe("c1"))
        .Given("order-1", new OrderShipped(), new OrderCancelled([]))
        .ThenNone("order-1")
        .ThenRows();

    [Fact]
    public void Rows_come_in_the_order_of_their_keys() => ProjectionSpec.For(new OrdersV1())
        .Given("order-2", new OrderPlaced("c2", []))
        .Given("order-1", new OrderPlaced("c1", []))
        .ThenRows(rows => rows.Select(row => row.Id).ShouldBe(["order-1", "order-2"]))
        .ThenRows(new OrdersV1.Row { Id = "order-2", Customer = "c2" }, new OrdersV1.Row { Id = "order-1", Customer = "c1" });

    [Fact]
    public void What_a_version_sets_aside_and_what_it_stops_at_is_expected_or_fails_the_spec()
    {
        ProjectionSpec.For(new DemandV1()).ForTenant("acme")
            .Given("order-1", new OrderPlaced("c1", [new("bolt", 2)]))
            .Given("order-1", new OrderCancelled(["bolt", "nut"]))
            .GivenStored("order-2", "order_placed", """{"customer":"c1"}""")
            .ThenFails("there is no row DemandKey { Tenant = acme, Product = nut } to delete")
            .ThenFails(failure => failure.Stage.ShouldBe(PoisonStage.Decode))
            .Then(new("acme", "bolt"), row => row.Quantity.ShouldBe(2))
            .ThenNothingElse();

        ProjectionSpec.For(new OrdersV1())
            .Given("order-1", new OrderPlaced("c1", []), new OrderPlaced("c1", []))
            .Given("order-2", new OrderPlaced("never", []))
            .ThenFails("there is a row order-1 already")
            .ThenRows(new OrdersV1.Row { Id = "order-1", Customer = "c1" });

        Refusal(() => ProjectionSpec.For(new OrdersV1()).Given("order-1", new OrderPlaced("much too long", [])).Then("order-1", _ => { })).ShouldBe(
            """
            orders v1: event 1 'order_placed' cannot be folded: customer: a text of 13 characters does not fit character varying(5)
            If that is meant, say ThenFails("...") before what is expected of rows.

            given
               1  order-1  order_placed  {"customer":"much too long","lines":[]}
            """);
    }

    [Fact]
    public void A_stream_that_has_lost_its_beginning_is_what_the_version_says_and_one_that_has_not_stops_it()
    {
        ProjectionSpec.For(new OrdersThatAreWhole())
            .WithoutBeginningOf("order-1")
            .Given("order-2", new OrderPlaced("c2", []))
            .Given("order-1", new OrderCancelled([]))
            .ThenRows(new OrdersV1.Row { Id = "order-2", Customer = "c2" });

        ProjectionSpec.For(new OrdersThatAreWhole()).Given("order-1", new OrderShipped(), new OrderCancelled([])).ThenFails("there is no row order-1 to delete");
        ProjectionSpec.For(new OrdersV1()).WithoutBeginningOf("order-1").Given("order-1", new OrderCancelled([])).ThenFails("there is no row order-1 to delete");
        Should.Throw<ArgumentException>(() => ProjectionSpec.For(new OrdersV1()).Given("order-1", new OrderShipped()).WithoutBeginningOf("order-1"));
    }

    [Fact]
    public void A_report_says_what_was_given_expected_and_found()
    {
        var spec = ProjectionSpec.For(new OrdersV1()).Given("order-1", new OrderPlaced("c1", []));

        Refusal(() => spec.Then("order-2", _ => { })).ShouldBe(
            """
            orders v1: there is no row "order-2".

            given
               1  order-1  order_placed  {"customer":"c1","lines":[]}

            found
              id        "order-1"
              customer  "c1"
            """);
        Refusal(() => spec.Then("order-1", new OrdersV1.Row { Id = "order-1", Customer = "c2" })).ShouldBe(
            """
            orders v1: the row "order-1" is not as expected.

                        expected   found
              id        "order-1"  "order-1"
            ! customer  "c2"       "c1"

            given
               1  order-1  order_placed  {"customer":"c1","lines":[]}
            """);
        Refusal(() => spec.Then("order-1", row => throw new InvalidOperationException("an assertion's words"))).ShouldContain("expected\n  an assertion's words\n");
        Refusal(() => spec.ThenNone("order-1")).ShouldStartWith("orders v1: there is a row \"order-1\", which is not expected.");
        Refusal(() => spec.ThenFails("x")).ShouldStartWith("orders v1: an event should fail, but all could be folded.");
        Refusal(() => ProjectionSpec.For(new OrdersV1()).Given("order-1", new OrderPlaced("c1", [])).ThenNothingElse()).ShouldStartWith("orders v1: there is a row \"order-1\", which is not expected.");
    }

    [Fact]
    public void What_no_store_could_give_is_refused_where_it_is_given()
    {
        Refusal(() => ProjectionSpec.For(new OrdersV1()).Given("order-1", new NobodyKnowsThis())).ShouldBe(
            "orders v1: nothing is known of NobodyKnowsThis, which was given: no name in the store is mapped to it. Add Map<NobodyKnowsThis>(\"...\") to the event types, or give it as it is stored: GivenStored(stream, type, json).");
        Refusal(() => ProjectionSpec.For(new OrdersV1()).GivenStored("order-1", "order_placed", "{")).ShouldStartWith("orders v1: the event 'order_placed' was given as something that is no JSON");
    }

    [Fact]
    public void A_version_made_of_statements_is_refused_without_a_database() =>
        Refusal(() => ProjectionSpec.For(new BestSellersV1()).Given("order-1", new OrderPlaced("c1", [])).ThenNothingElse())
            .ShouldBe("best_sellers v1 is made of SQL statements, which only a database can run. Say InPostgres() before what is expected.");

    [Fact]
    public void A_handler_that_does_what_none_may_is_told_of_it() =>
        Refusal(() => ProjectionSpec.For(new RenamingV1()).Given("order-1", new OrderPlaced("c1", []), new OrderPlaced("c2", [])).ThenRows(_ => { }))
            .ShouldStartWith("renaming v1 could not be run: A handler changed the key of the row order-1 to c2.");

    [Fact]
    public void A_version_that_is_not_declared_soundly_is_told_so() =>
        Refusal(() => ProjectionSpec.For(new UnsoundV1()).ThenNothingElse()).ShouldStartWith("unsound v1 is not declared soundly.\n  - OrderPlaced is declared, but nothing is done with it.");

    [Fact]
    public void An_event_of_a_class_among_several_that_one_name_stands_for_is_stored_with_its_class() => ProjectionSpec.For(new PaymentsV1())
        .Given("order-1", new CardPaid(7), new CashPaid(5))
        .Then("order-1", row => row.Paid.ShouldBe(12));

    private static string Refusal(Action spec) => Should.Throw<ProjectionSpecFailed>(spec).Message;
}
