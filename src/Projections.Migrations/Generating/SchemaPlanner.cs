namespace Projections.Migrations.Generating;

/// <summary>
/// Finds the steps from one schema to another: what is new in the order of dependencies, what has changed in place or by making it anew with
/// all that stands on it, and at last what is wanted no more, in the reverse order.
/// </summary>
internal sealed class SchemaPlanner
{
    // What can be dropped and made again within one transaction without anybody losing rows.
    private static readonly ObjectKind[] Remakable =
        [ObjectKind.Routine, ObjectKind.View, ObjectKind.Statistics, ObjectKind.Rule, ObjectKind.Trigger, ObjectKind.RowSecurity, ObjectKind.Policy, ObjectKind.Ownership, ObjectKind.Setting, ObjectKind.Comment];

    // What goes with the thing that it stands on, and so needs no statement of its own then.
    private static readonly ObjectKind[] Attached =
        [ObjectKind.Index, ObjectKind.Rule, ObjectKind.Trigger, ObjectKind.RowSecurity, ObjectKind.Policy, ObjectKind.Setting, ObjectKind.Comment, ObjectKind.Statistics];

    private static readonly ObjectKind[] Hosts = [ObjectKind.Table, ObjectKind.View, ObjectKind.MaterializedView];

    private readonly ColumnFills _fills;
    private readonly SchemaModel _present;
    private readonly SchemaModel _wanted;
    private readonly IReadOnlyDictionary<string, string> _keptTypes;
    private readonly Dictionary<string, StepPhase> _phases = [];
    private readonly HashSet<string> _left = [];
    private readonly HashSet<string> _remade = [];
    private readonly HashSet<string> _early = [];
    private readonly List<SchemaStep> _steps = [];
    private readonly List<string> _notes = [];

    // What can only be done when everything is dropped that is wanted no more.
    private readonly List<SchemaStep> _last = [];

    private SchemaPlanner(SchemaModel present, SchemaModel wanted, ColumnFills fills, IReadOnlyDictionary<string, string> keptTypes)
    {
        _fills = fills;
        _keptTypes = keptTypes;
        _present = present.WithWholeTables(table => !wanted.Has(table));
        _wanted = wanted.WithWholeTables(table => !present.Has(table));
    }

    /// <param name="present">The schema where columns have got their types.</param>
    /// <param name="wanted">Where it is to go.</param>
    /// <param name="fills">What rows get in new columns.</param>
    /// <param name="keptTypes">Why columns have not got their types, by their keys.</param>
    public static SchemaPlan Plan(SchemaModel present, SchemaModel wanted, ColumnFills fills, IReadOnlyDictionary<string, string> keptTypes)
    {
        var planner = new SchemaPlanner(present, wanted, fills, keptTypes);
        planner.LeaveUnwritable();
        planner.FindRemade();
        planner.DropForRemaking();
        planner.Make();
        planner.DropGone();
        planner._steps.AddRange(planner._last);
        return new SchemaPlan([.. planner._steps.Where(step => step.Up.Count + step.Down.Count > 0).OrderBy(step => step.Phase)], planner._notes);
    }

    private bool IsNew(SchemaObject one) => !_present.Has(one.Key);

    private bool IsGone(SchemaObject one) => !_wanted.Has(one.Key);

    private bool IsChanged(SchemaObject one) => _present.Find(one.Key) is { } before && !before.IsSameAs(one);

    private void LeaveUnwritable()
    {
        foreach (var one in _wanted.Objects.Where(one => IsNew(one) || IsChanged(one)))
        {
            if (ReasonToLeave(one) is { } reason)
            {
                _notes.Add($"{Readable(one)}: {reason}");
                _left.Add(one.Key);
            }
        }

        // A changed column is there all the same, and so is a view that shows it; what is not there cannot be stood on.
        var missing = _wanted.DependantsOf(_left.Where(key => !_present.Has(key)));
        var asShown = _wanted.DependantsOf(_left).Where(key => _present.Find(key) is { Kind: ObjectKind.View } before && before.Create == _wanted.Find(key)!.Create);
        foreach (var dependant in missing.Union(asShown).Select(_wanted.Find).OfType<SchemaObject>().Where(one => IsNew(one) || IsChanged(one)))
        {
            _notes.Add($"{Readable(dependant)}: it stands on what cannot be written");
            _left.Add(dependant.Key);
        }
    }

    private string? ReasonToLeave(SchemaObject one) => one.Kind switch
    {
        ObjectKind.Other => "partitions, foreign tables, aggregates and range types are not written",
        ObjectKind.MaterializedView when !IsNew(one) => "it would be away while it is made anew: make one of another name, and switch to that",
        ObjectKind.Schema or ObjectKind.Extension when !IsNew(one) => "a change of it is not written",
        ObjectKind.Type when !IsNew(one) => TypeSql.ReasonToLeave(_present.Find(one.Key)!, one),
        ObjectKind.Sequence when !IsNew(one) => TypeSql.ReasonToLeaveSequence(_present.Find(one.Key)!, one),
        ObjectKind.Table when !IsNew(one) => "PostgreSQL would write the whole table anew for it",
        ObjectKind.Column when IsNew(one) && TableSql.IsComputed(one) => "PostgreSQL would write the whole table anew for it",
        ObjectKind.Column when IsNew(one) && NeedsFill(one) && _fills.Find(one, _present) is null =>
            $"rows that are there need a value: say one by --fill {one.Name}=EXPRESSION, for a table whose primary key is one column",
        ObjectKind.Column => _keptTypes.GetValueOrDefault(one.Key),
        ObjectKind.Constraint when OnlineSql.KindOf(one) == "x" && _present.Has($"{ObjectKind.Table} {one.Parent}") => "an exclusion constraint cannot be added while others write",
        ObjectKind.Constraint when !IsNew(one) && _present.DependantsOf([one.Key]).Any(key => _present.Find(key)!.Kind != ObjectKind.Comment) => "a change of it is not written while others stand on it",
        _ => null,
    };

    private static bool NeedsFill(SchemaObject column) => TableSql.Add(column).Count == 0;

    private void FindRemade()
    {
        foreach (var one in _wanted.Objects.Where(one => IsChanged(one) && Remakable.Contains(one.Kind) && one.Kind != ObjectKind.Comment && !_left.Contains(one.Key) && !IsReplaceable(one)))
        {
            var dependants = _present.DependantsOf([one.Key]).Select(key => _present.Find(key)!).ToList();
            if (dependants.FirstOrDefault(other => _left.Contains(other.Key) || (!IsGone(other) && !Remakable.Contains(other.Kind))) is { } stuck)
            {
                _notes.Add($"{Readable(one)}: it would have to be dropped and made anew, and {Readable(stuck)} stands on it");
                _left.Add(one.Key);
                continue;
            }

            _remade.Add(one.Key);
            _remade.UnionWith(dependants.Where(other => !IsGone(other)).Select(other => other.Key));
            _early.UnionWith(dependants.Where(IsGone).Select(other => other.Key));
        }
    }

    // CREATE OR REPLACE takes a view that has more columns at its end, and a function that is called in the same way.
    private bool IsReplaceable(SchemaObject one) => _present.Find(one.Key) is { } before && one.Kind switch
    {
        ObjectKind.Setting => true,
        ObjectKind.View => before.Traits.SequenceEqual(one.Traits.Take(before.Traits.Count)) && one.Traits.Count == before.Traits.Count,
        ObjectKind.Routine => before.Traits[0] == one.Traits[0] && before.Traits[1] == one.Traits[1] && Head(before) == Head(one),
        _ => false,
    };

    // A procedure is not replaced by a function.
    private static string Head(SchemaObject routine) => routine.Create[..routine.Create.IndexOf('(')];

    private void DropForRemaking()
    {
        var dropped = _remade.Concat(_early).ToHashSet();
        foreach (var one in _present.InOrder().Reverse().Where(one => dropped.Contains(one.Key)))
        {
            var goesAlong = GoesAlong(one, dropped.Contains);
            _steps.Add(new SchemaStep(StepPhase.Expand, goesAlong ? [] : [one.Drop], [one.Create]));
        }
    }

    private void Make()
    {
        foreach (var one in _wanted.InOrder().Where(one => !_left.Contains(one.Key)))
        {
            if (one.Kind == ObjectKind.Column && IsNew(one) && NeedsFill(one))
            {
                _steps.Add(new SchemaStep(StepPhase.Expand, TableSql.AddUnfilled(one), [one.Drop]));
                _steps.Add(new SchemaStep(StepPhase.Fill, [_fills.Find(one, _present)!], []));
                _steps.Add(new SchemaStep(StepPhase.Constraints, OnlineSql.SetNotNull(one), OnlineSql.DropNotNull(one)));
            }
            else if (IsNew(one) || _remade.Contains(one.Key))
            {
                var phase = PhaseOf(one);
                var goesAlong = GoesAlong(one, key => !_present.Has(key) || _remade.Contains(key));
                _steps.Add(new SchemaStep(phase, Add(one), goesAlong ? [] : Drop(one)));
            }
            else if (IsChanged(one))
            {
                var steps = Change(_present.Find(one.Key)!, one).ToList();
                _steps.AddRange(steps);
                _phases[one.Key] = one.Kind == ObjectKind.Column ? StepPhase.Expand : steps.Select(step => step.Phase).DefaultIfEmpty().Max();
            }
        }
    }

    private void DropGone()
    {
        foreach (var one in _present.InOrder().Reverse().Where(one => IsGone(one) && !_early.Contains(one.Key)))
        {
            if (one.Kind == ObjectKind.Other || _present.DependantsOf([one.Key]).Any(key => _left.Contains(key) || _present.Find(key)!.Kind == ObjectKind.Other))
            {
                _notes.Add($"{Readable(one)}: it cannot be dropped, for it, or what stands on it, is not written");
                continue;
            }

            _steps.Add(new SchemaStep(StepPhase.Drops, GoesAlong(one, key => !_wanted.Has(key)) ? [] : Drop(one), Add(one))
            {
                Irreversible = one.Kind == ObjectKind.Column && !ComesBack(one) ? $"{one.Name} could not be put back where it was with what was in it" : null,
            });
        }
    }

    // At the end of its table, and without a value that rows must have.
    private bool ComesBack(SchemaObject column)
    {
        var columns = _present.PartsOf(column.Parent!, ObjectKind.Column).ToList();
        return TableSql.Add(column).Count > 0
            && columns.Skip(columns.IndexOf(column)).All(IsGone)
            && _wanted.PartsOf(column.Parent!, ObjectKind.Column).All(other => !IsNew(other));
    }

    private bool GoesAlong(SchemaObject one, Func<string, bool> isDropped) =>
        Attached.Contains(one.Kind) && (one.Parent is null ? one.Needs : Hosts.Select(kind => $"{kind} {one.Parent}").Where(host => _present.Has(host) || _wanted.Has(host))).Any(isDropped);

    private StepPhase PhaseOf(SchemaObject one)
    {
        var own = one.Kind switch
        {
            ObjectKind.Constraint when HasRows(one.Parent!) => StepPhase.Constraints,
            ObjectKind.Index when HasRows(one.Parent!) => StepPhase.Indexes,

            // It reads whole tables, and would do so under the locks of its transaction.
            ObjectKind.MaterializedView => StepPhase.Constraints,
            _ => StepPhase.Expand,
        };
        return _phases[one.Key] = one.Needs.Select(need => _phases.GetValueOrDefault(need)).Append(own).Max();
    }

    private bool HasRows(string parent) => _present.Has($"{ObjectKind.Table} {parent}") || _present.Has($"{ObjectKind.MaterializedView} {parent}");

    private IReadOnlyList<string> Add(SchemaObject one) => one.Kind switch
    {
        ObjectKind.Column => TableSql.Add(one),
        ObjectKind.Constraint when HasRows(one.Parent!) => OnlineSql.AddConstraint(one),
        ObjectKind.Index when HasRows(one.Parent!) => [OnlineSql.CreateIndex(one)],
        _ => [one.Create],
    };

    private IReadOnlyList<string> Drop(SchemaObject one) =>
        one.Kind == ObjectKind.Index && HasRows(one.Parent!) ? [OnlineSql.DropIndex(one)] : [one.Drop];

    private IEnumerable<SchemaStep> Change(SchemaObject before, SchemaObject after)
    {
        switch (after.Kind)
        {
            case ObjectKind.Column:
                return ChangeColumn(before, after);
            case ObjectKind.Constraint:
                return [new SchemaStep(StepPhase.Constraints, OnlineSql.ReplaceConstraint(before, after), OnlineSql.ReplaceConstraint(after, before))];
            case ObjectKind.Index when HasRows(after.Parent!):
                return [new SchemaStep(StepPhase.Indexes, OnlineSql.ReplaceIndex(before, after), OnlineSql.ReplaceIndex(after, before))];
            case ObjectKind.Type:
                return TypeSql.Change(before, after);
            case ObjectKind.Sequence:
                return [new SchemaStep(StepPhase.Expand, [TypeSql.ChangeSequence(after)], [TypeSql.ChangeSequence(before)])];
            case ObjectKind.View:
                return [new SchemaStep(StepPhase.Expand, [Replace(after)], [Replace(before)])];
            default:
                return [new SchemaStep(StepPhase.Expand, [after.Create], [before.Create])];
        }
    }

    private IEnumerable<SchemaStep> ChangeColumn(SchemaObject before, SchemaObject after)
    {
        if (TableSql.DefaultOf(before) != TableSql.DefaultOf(after))
        {
            yield return new SchemaStep(StepPhase.Expand, [TableSql.SetDefault(after)], [TableSql.SetDefault(before)]);
        }

        var (old, now) = (before.Traits[ColumnTraits.NotNull], after.Traits[ColumnTraits.NotNull]);
        if (old is not null && now is not null && old != now)
        {
            yield return new SchemaStep(StepPhase.Expand, [OnlineSql.RenameConstraint(after, old, now)], [OnlineSql.RenameConstraint(after, now, old)]);
        }

        if (TableSql.IsRequired(after) && !TableSql.IsRequired(before))
        {
            yield return new SchemaStep(StepPhase.Constraints, OnlineSql.SetNotNull(after), OnlineSql.DropNotNull(after));
        }
        else if (TableSql.IsRequired(before) && !TableSql.IsRequired(after))
        {
            // The columns of a primary key must have values as long as it is there.
            var isOfKey = _present.PartsOf(before.Parent!, ObjectKind.Constraint).Any(key => OnlineSql.KindOf(key) == "p" && key.Needs.Contains(before.Key));
            var step = new SchemaStep(isOfKey ? StepPhase.Drops : StepPhase.Constraints, OnlineSql.DropNotNull(after), OnlineSql.SetNotNull(before));
            if (isOfKey)
            {
                _last.Add(step);
            }
            else
            {
                yield return step;
            }
        }
    }

    private static string Replace(SchemaObject view) => view.Create.Replace("CREATE VIEW", "CREATE OR REPLACE VIEW", StringComparison.Ordinal);

    public static string Readable(SchemaObject one) => $"{one.Kind.ToString().ToLowerInvariant()} {one.Name}";
}
