using Projections.Postgres;

namespace Projections.Migrations.Generating;

/// <summary>Changes of types and sequences that are there.</summary>
internal static class TypeSql
{
    /// <summary>What an enum's first trait is.</summary>
    public const string Enum = "e";

    private const string Domain = "d";

    // A kind, and for a domain what it is of, its default and whether it must have a value; then a name and a condition for each of its constraints.
    private const int FirstOfDomain = 4;

    /// <summary>Why a type cannot be changed into the wanted one; <c>null</c> where it can.</summary>
    public static string? ReasonToLeave(SchemaObject before, SchemaObject after) => (before.Traits[0], after.Traits[0]) switch
    {
        (Enum, Enum) when Labels(before).SequenceEqual(Labels(after).Intersect(Labels(before))) => null,
        (Enum, Enum) => "values of an enum can only be added: make another type, and columns of it",
        (Domain, Domain) when before.Traits[1] != after.Traits[1] => "a domain stays of one type: make another domain, and columns of it",
        (Domain, Domain) when before.Traits[3] != after.Traits[3] => "NOT NULL of a domain reads every table with a column of it under a lock: say it of the columns",
        (Domain, Domain) => null,
        _ => "a change of it is not written",
    };

    public static IEnumerable<SchemaStep> Change(SchemaObject before, SchemaObject after) => after.Traits[0] == Enum
        ? [new SchemaStep(StepPhase.Values, [.. AddValues(before, after)], []) { Irreversible = $"values of {after.Name} cannot be taken away" }]
        : ChangeDomain(before, after);

    public static string? ReasonToLeaveSequence(SchemaObject before, SchemaObject after) =>
        Number(after, 0) > Number(before, 0) || Number(after, 1) < Number(before, 1) ? "numbers that it has given out may lie beyond its new bounds"
        : after.Traits[2] != before.Traits[2] ? "whether it is logged is not changed"
        : null;

    public static string ChangeSequence(SchemaObject sequence) =>
        $"ALTER {sequence.Create[sequence.Create.IndexOf("SEQUENCE", StringComparison.Ordinal)..]}{(sequence.Create.EndsWith(" CYCLE", StringComparison.Ordinal) ? "" : " NO CYCLE")}";

    private static long Number(SchemaObject sequence, int trait) => long.Parse(sequence.Traits[trait]!, System.Globalization.CultureInfo.InvariantCulture);

    private static IEnumerable<string> AddValues(SchemaObject before, SchemaObject after)
    {
        var labels = Labels(after).ToList();
        for (var i = 0; i < labels.Count; i++)
        {
            if (!Labels(before).Contains(labels[i]))
            {
                var next = labels.Find(Labels(before).Contains);
                var place = i > 0 ? $" AFTER {SqlName.Literal(labels[i - 1])}" : next is null ? "" : $" BEFORE {SqlName.Literal(next)}";
                yield return $"ALTER TYPE {after.Name} ADD VALUE {SqlName.Literal(labels[i])}{place}";
            }
        }
    }

    private static IEnumerable<SchemaStep> ChangeDomain(SchemaObject before, SchemaObject after)
    {
        if (before.Traits[2] != after.Traits[2])
        {
            yield return new SchemaStep(StepPhase.Expand, [SetDefault(after)], [SetDefault(before)]);
        }

        var (old, now) = (Constraints(before).ToList(), Constraints(after).ToList());
        foreach (var constraint in old.Except(now))
        {
            yield return new SchemaStep(StepPhase.Constraints, [Drop(after, constraint)], Add(after, constraint));
        }

        foreach (var constraint in now.Except(old))
        {
            yield return new SchemaStep(StepPhase.Constraints, Add(after, constraint), [Drop(after, constraint)]);
        }
    }

    private static string SetDefault(SchemaObject domain) => $"ALTER DOMAIN {domain.Name} {(domain.Traits[2] is { } value ? $"SET DEFAULT {value}" : "DROP DEFAULT")}";

    private static IReadOnlyList<string> Add(SchemaObject domain, (string Name, string Condition) constraint)
    {
        var add = $"ALTER DOMAIN {domain.Name} ADD CONSTRAINT {constraint.Name} {constraint.Condition}";
        return add.EndsWith(" NOT VALID", StringComparison.Ordinal) ? [add] : [$"{add} NOT VALID", $"ALTER DOMAIN {domain.Name} VALIDATE CONSTRAINT {constraint.Name}"];
    }

    private static string Drop(SchemaObject domain, (string Name, string Condition) constraint) => $"ALTER DOMAIN {domain.Name} DROP CONSTRAINT {constraint.Name}";

    private static IEnumerable<(string Name, string Condition)> Constraints(SchemaObject domain) =>
        domain.Traits.Skip(FirstOfDomain).Chunk(2).Select(pair => (pair[0]!, pair[1]!));

    private static IEnumerable<string> Labels(SchemaObject type) => type.Traits.Skip(1)!;
}
