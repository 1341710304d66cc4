namespace Projections.Migrations.Generating;

/// <summary>Finds what may have another name and may as well be another thing: that is for a person to say.</summary>
internal static class RenameQuestions
{
    public static IReadOnlyList<string> Of(SchemaModel present, SchemaModel wanted)
    {
        var gone = present.Objects.Where(one => !wanted.Has(one.Key)).ToList();
        var added = wanted.Objects.Where(one => !present.Has(one.Key)).ToList();
        return [.. Tables(present, wanted, gone, added), .. Columns(gone, added)];
    }

    private static IEnumerable<string> Tables(SchemaModel present, SchemaModel wanted, List<SchemaObject> gone, List<SchemaObject> added) =>
        from before in gone
        where before.Kind == ObjectKind.Table
        from after in added
        where after.Kind == ObjectKind.Table && Shape(present, before).SequenceEqual(Shape(wanted, after))
        select $"Is {after.Name} the table that was {before.Name}? Then say --rename '{before.Name}={LastPart(after.Name)}'.";

    private static IEnumerable<string> Columns(List<SchemaObject> gone, List<SchemaObject> added) =>
        from before in gone
        where before.Kind == ObjectKind.Column
        from after in added
        where after.Kind == ObjectKind.Column && after.Parent == before.Parent && after.Traits[ColumnTraits.Definition] == before.Traits[ColumnTraits.Definition]
        select $"Is {after.Name} the column that was {before.Name}? Then say --rename '{before.Name}={after.Own}'.";

    private static IEnumerable<string> Shape(SchemaModel model, SchemaObject table) =>
        model.PartsOf(table.Name, ObjectKind.Column).Select(column => $"{column.Own} {column.Traits[ColumnTraits.Definition]}");

    private static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];
}
