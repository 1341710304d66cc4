using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>A function or procedure goes, or is called differently, under those who call it.</summary>
internal sealed class RoutineChanged() : SafetyRule("routine-changed", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var routine in statement.Changes.GoneRoutines.Where(routine => statement.Origin.Routines.ContainsKey(routine.Oid)))
        {
            var isBack = statement.Final.Routines.Values.Any(other => other.Signature == routine.Signature && other.Result == routine.Result && other.Arguments == routine.Arguments);
            if (!isBack)
            {
                var stillFits = statement.Final.Routines.Values.Any(other => Takes(other, routine));
                yield return Find(
                    statement,
                    $"{routine.Signature} is gone: {(stillFits ? "code that calls it so gets another one of that name, which fills in the rest by defaults; until the transaction commits, it waits" : "code that calls it so fails at once")}.",
                    "Create the new form beside the old one, let callers change over, and then drop the old one, and say so in the file.",
                    severity: stillFits ? Severity.Warning : Severity.Error);
            }
        }

        foreach (var (before, after) in statement.Changes.KeptRoutines.Where(pair => statement.Origin.Routines.ContainsKey(pair.Before.Oid)
            && (pair.Before.Signature != pair.After.Signature || pair.Before.Arguments != pair.After.Arguments || pair.Before.Result != pair.After.Result)))
        {
            yield return Find(
                statement, $"{before.Signature}({before.Arguments}) is {after.Signature}({after.Arguments}) now: code that calls it by the old form may fail.",
                "Create the new form beside the old one, let callers change over, and then drop the old one.",
                severity: before.Signature == after.Signature ? Severity.Warning : Severity.Error);
        }
    }

    // The same name and arguments, and behind them only such as have defaults.
    private static bool Takes(CatalogRoutine other, CatalogRoutine gone) =>
        NameOf(other) == NameOf(gone) && other.Result == gone.Result && other.Arguments.StartsWith(gone.Arguments, StringComparison.Ordinal)
        && other.Arguments[gone.Arguments.Length..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).All(argument => argument.Contains(" DEFAULT ", StringComparison.Ordinal));

    private static string NameOf(CatalogRoutine routine) => routine.Signature[..routine.Signature.IndexOf('(', StringComparison.Ordinal)];
}
