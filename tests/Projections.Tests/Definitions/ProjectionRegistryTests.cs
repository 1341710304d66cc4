using Projections.Definitions;
using Projections.Events;
using Projections.SqlProjections;
using Projections.Tables;
using Projections.Tests.Definitions.Folders.Complete.V1;
using Projections.Tests.Definitions.Folders.NoDown.V1;
using Projections.Tests.Definitions.Folders.NoTable.V1;

namespace Projections.Tests.Definitions;

public sealed class ProjectionRegistryTests
{
    [Fact]
    public void Sound_versions_are_found_by_name_and_number()
    {
        var (first, second, other) = (Sound("b", 1), Sound("b", 2), Sound("a", 3));

        var registry = ProjectionRegistry.Of(second, other, first);

        registry.Projections.Select(name => name.Value).ShouldBe(["a", "b"]);
        registry.Versions.ShouldBe([other, first, second]);
        registry.VersionsOf(new ProjectionName("b")).ShouldBe([first, second]);
        registry.VersionsOf(new ProjectionName("c")).ShouldBeEmpty();
        registry.Find(second.Id).ShouldBe(second);
        registry.Find(new VersionId(new ProjectionName("b"), 3)).ShouldBeNull();
    }

    [Fact]
    public void The_source_is_asked_for_all_handled_types_old_names_included()
    {
        var registry = ProjectionRegistry.Of(Sound("a", 1), Sound("b", 1, category: "invoice"));

        registry.Filter.Types!.Order().ShouldBe(["happened", "happened_v1"]);
        registry.Filter.Category.ShouldBeNull();
        registry.FilterOf(new ProjectionName("b")).Category.ShouldBe("invoice");
    }

    [Fact]
    public void Two_classes_for_one_version_are_named() =>
        Errors(new FirstV1(), new SecondV1()).ShouldBe(
        [
            "twice v1: 2 classes declare this version: FirstV1, SecondV1. Give each a number of its own; a changed handler is a new version.",
        ]);

    [Fact]
    public void A_gap_in_the_numbers_is_named() =>
        Errors(Sound("a", 2), Sound("a", 5)).ShouldBe(
        [
            "a v3: It is missing, but v5 is declared. Number the versions without gaps; only the oldest, once retired, may be taken away.",
            "a v4: It is missing, but v5 is declared. Number the versions without gaps; only the oldest, once retired, may be taken away.",
        ]);

    [Fact]
    public void A_number_below_one_is_named() =>
        Errors(Sound("a", 0)).ShouldBe(["a v0: Versions are counted from 1. Give it the next free number."]);

    [Fact]
    public void A_key_that_cannot_hold_a_tenant_is_named() =>
        Errors(new Declared<Guid, PlainRow>(on => on.Event<Happened>().ByTenantAndStream().Upserts((_, _) => { }))).ShouldBe(
        [
            "test v1: Happened takes its key from tenant and stream, but the fold's key is of type Guid. Declare it as 'readonly record struct Key(string Tenant, Guid Stream)', or with a string for the stream.",
        ]);

    [Fact]
    public void Rows_that_are_not_of_one_stream_cannot_go_with_it()
    {
        var types = EventTypes.Create(types => types.Map<Happened>("archived"));

        Errors(new Declared<Guid, PlainRow>(on => on.Event<Happened>().By(_ => Guid.Empty).Upserts((_, _) => { }), types: types) { OfArchived = ArchivedStreams.Remove }).ShouldBe(
        [
            "test v1: It removes the rows of archived streams, but not every row is made of one stream. Find all rows ByStream() or ByTenantAndStream(), or say ArchivedStreams.Keep.",
            "test v1: It removes the rows of archived streams, but events named 'archived' are mapped to a type of its own. Leave them out of the event types; or say ArchivedStreams.Keep, and let that type delete the row.",
        ]);
    }

    [Fact]
    public void Removing_rows_of_archived_streams_asks_for_the_event_that_says_so() =>
        ProjectionRegistry.Of(new Declared<Guid, PlainRow>(on => on.Event<Happened>().ByStream().Upserts((_, _) => { })) { OfArchived = ArchivedStreams.Remove })
            .Filter.Types!.Order().ShouldBe(["archived", "happened", "happened_v1"]);

    [Fact]
    public void A_version_without_table_sql_is_named_with_the_file() =>
        Errors(new NoTableV1()).ShouldBe(
        [
            "notable v1: Projections.Tests/Definitions/Folders/NoTable/V1/table.sql is missing. Add it: the CREATE TABLE of this version's table.",
        ]);

    [Fact]
    public void A_version_without_down_sql_is_named_with_the_file() =>
        Errors(new NoDownV1()).ShouldBe(
        [
            "nodown v1: Projections.Tests/Definitions/Folders/NoDown/V1/down.sql is missing. Add it: the DROP of everything that table.sql makes.",
        ]);

    [Fact]
    public void A_version_without_a_folder_is_told_where_to_put_it() =>
        Errors(new FirstV1(embedded: true)).ShouldBe(
        [
            "twice v1: The assembly Projections.Tests holds no folder of it. Put FirstV1.cs, table.sql and down.sql into a folder such as InvoiceSummary/V2, and let the project refer to the package Projections.Core itself.",
        ]);

    [Fact]
    public void Two_folders_with_a_class_of_one_name_are_not_guessed_between() =>
        Errors(new Folders.Left.V1.SameNameV1()).ShouldBe(
        [
            "left v1: Projections.Tests/Definitions/Folders/Left/V1 and Projections.Tests/Definitions/Folders/Right/V1 each hold a SameNameV1.cs, so that nobody can tell which is its folder. Give each version's class a name of its own.",
        ]);

    [Fact]
    public void A_handler_for_an_event_without_a_name_is_named() =>
        Errors(Version<Guid, PlainRow>(on => on.Event<Unmapped>().ByStream().Upserts((_, _) => { }))).ShouldBe(
        [
            "test v1: Unmapped is handled, but no name in the store is mapped to it. Add Map<Unmapped>(\"...\") to the event types, or AddEventType<Unmapped>() to the Marten store that they are taken from.",
        ]);

    [Fact]
    public void A_handler_for_a_replaced_event_type_is_told_the_new_one() =>
        Errors(Version<Guid, PlainRow>(on => on.Event<HappenedV1>().ByStream().Upserts((_, _) => { }))).ShouldBe(
        [
            "test v1: HappenedV1 is handled, but its events become Happened before handlers see them. Handle Happened.",
        ]);

    [Fact]
    public void A_version_that_handles_nothing_is_named() =>
        Errors(Version<Guid, PlainRow>(_ => { })).ShouldBe(["test v1: No event is handled. Declare at least one in Define: on.Event<...>()..."]);

    [Fact]
    public void An_event_that_does_nothing_is_named() =>
        Errors(Version<Guid, PlainRow>(on => on.Event<Happened>())).ShouldBe(
        [
            "test v1: Happened is declared, but nothing is done with it. Say what it does to its rows: Creates, Updates, Upserts or Deletes.",
        ]);

    [Fact]
    public void A_statement_version_whose_event_does_nothing_is_named() =>
        Errors(new Silent()).ShouldBe(["silent v1: Happened is declared, but nothing is done with it. Say what: Executes(...)."]);

    [Fact]
    public void A_key_that_no_stream_can_give_is_named() =>
        Errors(Version<int, RowsOf.IntKey>(on => on.Event<Happened>().ByStream().Upserts((_, _) => { }))).ShouldBe(
        [
            "test v1: Happened takes its key from the stream, which gives a Guid or a string, but the fold's key is of type int. Use By(e => ...).",
        ]);

    [Fact]
    public void A_declaration_that_throws_is_named() =>
        Errors(Version<Guid, PlainRow>(_ => throw new InvalidOperationException("no luck"))).ShouldBe(
        [
            "test v1: Its declaration failed: InvalidOperationException: no luck",
        ]);

    [Fact]
    public void All_errors_come_at_once_and_each_names_its_version() =>
        Errors(new NoTableV1(), new NoDownV1(), Sound("a", 1), Sound("a", 3)).ShouldBe(
        [
            "a v2: It is missing, but v3 is declared. Number the versions without gaps; only the oldest, once retired, may be taken away.",
            "nodown v1: Projections.Tests/Definitions/Folders/NoDown/V1/down.sql is missing. Add it: the DROP of everything that table.sql makes.",
            "notable v1: Projections.Tests/Definitions/Folders/NoTable/V1/table.sql is missing. Add it: the CREATE TABLE of this version's table.",
        ]);

    [Fact]
    public void What_is_wrong_with_one_version_is_no_matter_to_the_others()
    {
        var (first, third, other) = (Sound("a", 1), Sound("a", 3), Sound("b", 1));
        var unsound = Version<Guid, PlainRow>(_ => throw new InvalidOperationException("no luck"));

        var registry = ProjectionRegistry.Of(first, third, other, unsound, new FirstV1(), new SecondV1());

        // A gap is wrong with the projection, and with none of the versions that there are.
        registry.Versions.ShouldBe([first, third, other]);
        registry.Projections.Select(name => name.Value).ShouldBe(["a", "b", "test", "twice"]);
        registry.ErrorsOf(other.Id.Projection).ShouldBeEmpty();
        registry.ErrorsOf(first.Id.Projection).ShouldHaveSingleItem().Version.ShouldBe(new VersionId(first.Id.Projection, 2));
        registry.Find(unsound.Id).ShouldBeNull();
        registry.WhyMissing(unsound.Id).ShouldBe("this program cannot use its declaration: test v1: Its declaration failed: InvalidOperationException: no luck");
        registry.WhyMissing(new VersionId(other.Id.Projection, 2)).ShouldBe("this program has no such version.");
    }

    [Fact]
    public void An_assembly_gives_all_its_versions_and_names_those_that_cannot_be_made()
    {
        var registry = ProjectionRegistry.FromAssemblies(typeof(CompleteV1).Assembly);
        var errors = Texts(registry.Errors);

        errors.ShouldContain("NeedsSomething: It has no constructor without parameters. Give it one: 'public sealed class NeedsSomething() : ...'.");
        errors.ShouldContain(
            "BadName: It cannot be made: 'Bad Name' cannot be the name of a projection. Use small letters, digits and underscores, begin with a letter, and stay within 50 characters, such as 'invoice_summary'.");
        errors.ShouldContain(error => error.StartsWith("notable v1: ", StringComparison.Ordinal));
        errors.ShouldNotContain(error => error.StartsWith("complete v1", StringComparison.Ordinal));
        Texts(registry.Unattributed).ShouldContain(error => error.StartsWith("BadName: ", StringComparison.Ordinal));
        registry.VersionsOf(new ProjectionName("complete")).Count.ShouldBe(1);
    }

    [Fact]
    public void A_version_that_takes_its_event_types_is_given_the_programs_or_is_named()
    {
        var given = EventTypes.Create(types => types.Map<Happened>("happened_elsewhere"));

        ProjectionRegistry.FromAssemblies([typeof(TakesTypes).Assembly], given).VersionsOf(new ProjectionName("takes")).ShouldHaveSingleItem()
            .EventTypeNames.ShouldBe(["happened_elsewhere"]);
        Texts(ProjectionRegistry.FromAssemblies(typeof(TakesTypes).Assembly).Errors).ShouldContain(
            "TakesTypes: It is to be given its event types, but this program gives none. Give some where versions are added, or let it name its own: 'public sealed class TakesTypes() : ...'.");
    }

    internal static IReadOnlyList<string> Errors(params ProjectionVersion[] versions) => Texts(ProjectionRegistry.Of(versions).Errors);

    private static List<string> Texts(IEnumerable<DeclarationError> errors) => [.. errors.Select(error => error.Text)];

    internal static Declared<TKey, TRow> Version<TKey, TRow>(Action<FoldDefinition<TKey, TRow>> define)
        where TKey : notnull
        where TRow : class, new() => new(define);

    private static Declared<Guid, PlainRow> Sound(string projection, int number, string? category = null) =>
        new(on => on.Event<Happened>().ByStream().Upserts((row, e) => row.Value += e.Data.Value), projection, number, category: category);

    private sealed class FirstV1(bool embedded) : Plain("twice", 1)
    {
        public FirstV1()
            : this(embedded: false)
        {
        }

        public override VersionFiles Files => embedded ? base.Files : new("", "", null, "", "");
    }

    private sealed class SecondV1() : Plain("twice", 1)
    {
        public override VersionFiles Files => new("", "", null, "", "");
    }

    private sealed class TakesTypes(EventTypes types) : SqlProjection("takes", 1, types)
    {
        public override VersionFiles Files => new("", "", null, "", "");

        protected override void Define(SqlDefinition on) => on.Event<Happened>().Executes("select 1", _ => []);
    }

    private sealed class NeedsSomething(string something) : Plain(something, 1);

    private sealed class BadName() : Plain("Bad Name", 1);

    private sealed class Silent() : SqlProjection("silent", 1, DeclaredEvents.Types)
    {
        public override VersionFiles Files => new("", "", null, "", "");

        protected override void Define(SqlDefinition on) => on.Event<Happened>();
    }
}
