using Projections.Definitions;
using Projections.Tables;

namespace Projections.Tests.Definitions;

public sealed class RowTypeTests
{
    [Fact]
    public void A_row_type_without_a_key_is_named() =>
        ErrorsOf<Guid, RowsOf.NoKey>().ShouldBe(
        [
            "test v1: RowsOf.NoKey has no key. Mark the property (or the properties) of the primary key with [Key].",
        ]);

    [Fact]
    public void A_key_of_another_type_than_the_folds_is_named() =>
        ErrorsOf<Guid, RowsOf.IntKey>().ShouldBe(
        [
            "test v1: The fold's key is of type Guid, but RowsOf.IntKey's key is int Id. Make the two the same type.",
        ]);

    [Fact]
    public void A_key_of_several_properties_is_told_which_record_it_needs() =>
        ErrorsOf<Guid, RowsOf.PairKey>().ShouldBe(
        [
            "test v1: The fold's key is of type Guid, but RowsOf.PairKey's key is (Guid Owner, int Line). Declare the fold's key as 'readonly record struct Key(Guid Owner, int Line)'.",
        ]);

    [Fact]
    public void A_record_in_another_order_than_the_rows_key_is_named() =>
        ErrorsOf<RowsOf.Twisted, RowsOf.PairKey>().ShouldBe(
        [
            "test v1: The fold's key is of type RowsOf.Twisted, but RowsOf.PairKey's key is (Guid Owner, int Line). Declare the fold's key as 'readonly record struct Twisted(Guid Owner, int Line)'.",
        ]);

    [Fact]
    public void A_record_that_matches_the_rows_key_is_sound() =>
        ProjectionRegistry.Of(Version<RowsOf.Pair, RowsOf.PairKey>()).Versions.Count.ShouldBe(1);

    [Fact]
    public void A_key_that_compares_differently_in_PostgreSQL_is_refused()
    {
        const string Rest = "cannot be part of a key: its type compares differently in memory and in PostgreSQL, or may be null. Use short, int, long, Guid, string (text or varchar), bool, DateOnly, DateTime or an enum.";

        ErrorsOf<decimal, RowsOf.DecimalKey>().ShouldBe([$"test v1: RowsOf.DecimalKey.Id {Rest}"]);
        ErrorsOf<string, RowsOf.CitextKey>().ShouldBe([$"test v1: RowsOf.CitextKey.Id {Rest}"]);
        ErrorsOf<int[], RowsOf.ArrayKey>().ShouldBe([$"test v1: RowsOf.ArrayKey.Id {Rest}"]);
    }

    [Fact]
    public void Every_property_that_no_column_can_hold_is_named()
    {
        const string Rest = "which no column can hold. Use one of short, int, long, float, double, decimal, bool, Guid, string, DateTime, DateTimeOffset, DateOnly, TimeSpan, byte[], enums, their nullable forms, and arrays of all but byte[] and enums; or keep it as JSON with [Column(TypeName = \"jsonb\")]; or mark it [NotMapped].";

        ErrorsOf<Guid, RowsOf.Unsupported>().ShouldBe(
        [
            $"test v1: RowsOf.Unsupported.Counts is of type Dictionary<string, int>, {Rest}",
            $"test v1: RowsOf.Unsupported.Number is of type uint, {Rest}",
            "test v1: RowsOf.Unsupported.Document is of type int, which cannot be kept in a column of type 'jsonb'. Change the property's type or [Column(TypeName = \"...\")].",
            $"test v1: RowsOf.Unsupported.Links is of type Uri[], {Rest}",
        ]);
    }

    [Fact]
    public void A_property_that_cannot_be_set_is_named() =>
        ErrorsOf<Guid, RowsOf.ReadOnlyProperty>().ShouldBe(
        [
            "test v1: RowsOf.ReadOnlyProperty.Double cannot be set. Give it a getter and a setter, or mark it [NotMapped].",
        ]);

    [Fact]
    public void Two_properties_for_one_column_are_named() =>
        ErrorsOf<Guid, RowsOf.TwoForOneColumn>().ShouldBe(
        [
            "test v1: RowsOf.TwoForOneColumn has two properties for the column 'user_name': UserName and Login. Give one another name by [Column(\"...\")].",
        ]);

    [Fact]
    public void A_column_name_that_PostgreSQL_would_cut_is_named() =>
        ErrorsOf<Guid, RowsOf.LongName>().ShouldBe(
        [
            "test v1: RowsOf.LongName.AnExtremelyLongPropertyNameThatNobodyWouldEverWriteByHandButAGeneratorMight would be the column 'an_extremely_long_property_name_that_nobody_would_ever_write_by_hand_but_a_generator_might', whose name has 90 bytes; PostgreSQL cuts names after 63. Give it a shorter one by [Column(\"...\")].",
        ]);

    private static IReadOnlyList<string> ErrorsOf<TKey, TRow>()
        where TKey : notnull
        where TRow : class, new() => ProjectionRegistryTests.Errors(Version<TKey, TRow>());

    private static Declared<TKey, TRow> Version<TKey, TRow>()
        where TKey : notnull
        where TRow : class, new() => new(on => on.Event<Happened>().By(_ => default!).Upserts((_, _) => { }));
}
