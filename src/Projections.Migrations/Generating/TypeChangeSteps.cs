namespace Projections.Migrations.Generating;

/// <summary>
/// How columns get another type while others read and write: a column beside each, kept by a trigger, filled by a backfill, given the same indexes and
/// constraints; then both change their names in one transaction, and at last the old one goes.
/// </summary>
internal static class TypeChangeSteps
{
    private const string Triggers = "none but the trigger knows it";

    /// <param name="changes">The columns.</param>
    /// <param name="beside">The schema with the new ones, and what belongs to them, under the names that they have at first.</param>
    public static IEnumerable<SchemaStep> Of(IReadOnlyList<TypeChange> changes, SchemaModel beside)
    {
        var attached = changes.SelectMany(change => change.Attached).Select(KeyBeside).ToHashSet();
        return
        [
            .. changes.SelectMany(change => Add(change, ColumnOf(change, beside), beside)),
            .. beside.InOrder().Where(one => attached.Contains(one.Key)).Select(one => Attach(one, beside)),
            .. changes.Select(change => ColumnOf(change, beside)).Where(TableSql.IsRequired).Select(Require),
            .. changes.GroupBy(change => change.Table).SelectMany(table => new[] { Swap([.. table], PreparedAnew(table.Key, beside)), Contract([.. table]) }),
        ];
    }

    /// <summary>
    /// The functions of a table's triggers as they are: what open sessions have prepared of them asks for a column's old type, and fails
    /// once that is another one.
    /// </summary>
    public static IReadOnlyList<string> PreparedAnew(string table, SchemaModel model) =>
    [
        .. model.Objects.Where(one => one.Kind == ObjectKind.Trigger && one.Parent == table).SelectMany(trigger => trigger.Needs).Distinct()
            .Select(model.Find).OfType<SchemaObject>().Where(one => one.Kind == ObjectKind.Routine).Select(routine => routine.Create),
    ];

    private static string KeyBeside(SchemaObject attached)
    {
        var name = TypeChange.NextNameOf(TypeChange.NameOf(attached));
        return $"{attached.Kind} {(attached.Kind == ObjectKind.Index ? QuotedName.Split(attached.Name).Schema : attached.Parent)}.{name}";
    }

    // The name of its NOT NULL, too, is the old column's as long as that is there.
    private static SchemaObject ColumnOf(TypeChange change, SchemaModel beside)
    {
        var column = beside.Find($"{ObjectKind.Column} {change.Table}.{change.Next}")!;
        return change.NotNull is { } name
            ? column with { Traits = [.. column.Traits.Select((trait, i) => i == ColumnTraits.NotNull ? TypeChange.NextNameOf(name) : trait)] }
            : column;
    }

    private static IEnumerable<SchemaStep> Add(TypeChange change, SchemaObject column, SchemaModel beside)
    {
        yield return new SchemaStep(
            StepPhase.NextColumns,
            [.. TableSql.AddUnfilled(column), .. SaidOf(column, beside), .. change.CreateTrigger()],
            [.. change.DropTrigger(), column.Drop]);
        yield return new SchemaStep(StepPhase.NextRows, [$"{TableSql.Fill(column, change.Key, change.There.OverRow)} AND ({change.There.OverRow}) IS NOT NULL"], []);
    }

    private static SchemaStep Attach(SchemaObject one, SchemaModel beside) => one.Kind == ObjectKind.Index
        ? new SchemaStep(StepPhase.NextIndexes, [OnlineSql.CreateIndex(one), .. SaidOf(one, beside)], [OnlineSql.DropIndex(one)])
        : new SchemaStep(StepPhase.NextConstraints, [.. OnlineSql.AddConstraint(one), .. SaidOf(one, beside)], [one.Drop]);

    private static SchemaStep Require(SchemaObject column) => new(StepPhase.NextConstraints, OnlineSql.SetNotNull(column), OnlineSql.DropNotNull(column))
    {
        Allowances = TableSql.DefaultOf(column) is null ? [("column-now-required", "the trigger fills it")] : [],
    };

    // The trigger turns round, and keeps the old column for the way back.
    private static SchemaStep Swap(IReadOnlyList<TypeChange> changes, IReadOnlyList<string> preparedAnew)
    {
        var attached = changes.SelectMany(change => change.Attached).DistinctBy(one => one.Key).ToList();
        return new SchemaStep(
            StepPhase.Swap,
            [
                .. changes.SelectMany(change => change.ChangeNames(TypeChange.OldNameOf, TypeChange.NextNameOf)),
                .. attached.SelectMany(one => TypeChange.ChangeNames(one, TypeChange.OldNameOf, TypeChange.NextNameOf)),
                .. changes.Select(change => change.FillOld()),
                .. preparedAnew,
            ],
            [
                .. changes.SelectMany(change => change.ChangeNames(TypeChange.NextNameOf, TypeChange.OldNameOf)),
                .. attached.SelectMany(one => TypeChange.ChangeNames(one, TypeChange.NextNameOf, TypeChange.OldNameOf)),
                .. changes.Select(change => change.FillNext()),
                .. preparedAnew,
            ])
        {
            Allowances = [("column-renamed", "its name is there at every moment, before for the old type and after for the new one; the other names are the trigger's")],
        };
    }

    private static SchemaStep Contract(IReadOnlyList<TypeChange> changes) =>
        new(StepPhase.Contract, [.. changes.SelectMany(change => change.DropTrigger().Append($"ALTER TABLE {change.Table} DROP COLUMN {change.Old}"))], [])
        {
            Irreversible = $"{string.Join(", ", changes.Select(change => change.Old))} would come back at the end of {changes[0].Table}, and without what was in it",
            Allowances = [("column-dropped", Triggers), ("routine-changed", Triggers)],
        };

    private static IEnumerable<string> SaidOf(SchemaObject one, SchemaModel beside) =>
        beside.Objects.Where(said => said.Kind is ObjectKind.Setting or ObjectKind.Comment && said.Needs.Contains(one.Key)).Select(said => said.Create);
}
