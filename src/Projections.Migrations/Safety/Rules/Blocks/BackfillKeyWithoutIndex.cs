using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>A backfill walks a table by a column that no index leads with.</summary>
internal sealed class BackfillKeyWithoutIndex() : SafetyRule("backfill-key-without-index", SafetyGroup.Blocks, Severity.Error)
{
    private static CatalogRelation? Find(ObservedStatement statement, string name) =>
        statement.After.Relations.Values.FirstOrDefault(relation => relation.IsTable && (relation.Name == name || $"{relation.Schema}.{relation.Name}" == name));

    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        var matter = statement.File.FrontMatter;
        if (matter is not { Table: { } name, Key: { } key } || Find(statement, name) is not { } table)
        {
            yield break;
        }

        var column = statement.After.ColumnsOf(table.Oid).FirstOrDefault(column => column.Name == key.Trim('"'));
        var isIndexed = column is not null && statement.After.Indexes.Values.Any(index =>
            index.Table == table.Oid && index is { IsValid: true, IsPartial: false } && index.Columns.Count > 0 && index.Columns[0] == column.Number);
        if (!isIndexed)
        {
            yield return Find(
                statement,
                $"No index of {table.Readable} begins with {key}, so every batch goes through the whole table.",
                "Walk the table by its primary key, or build an index for the backfill concurrently first.",
                null, table.Oid, Work.Scan);
        }
    }
}
