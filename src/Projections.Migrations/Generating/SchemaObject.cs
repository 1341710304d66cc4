namespace Projections.Migrations.Generating;

/// <summary>A thing in a schema that can be made and dropped by a statement of its own.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name, qualified and quoted, which no other of its kind has.</param>
/// <param name="Parent">The quoted name of the table, or materialized view, that it is a part of; <c>null</c> for none.</param>
/// <param name="Create">The statement that makes it; empty for a table, which is made of its parts.</param>
/// <param name="Drop">The statement that drops it.</param>
/// <param name="Traits">What else is to know of it; each kind has its own.</param>
internal sealed record SchemaObject(ObjectKind Kind, string Name, string? Parent, string Create, string Drop, IReadOnlyList<string?> Traits)
{
    /// <summary>What it stands on, by their keys.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    public string Key => $"{Kind} {Name}";

    /// <summary>The name alone, quoted where it must be.</summary>
    public string Own => Parent is null ? Name : Name[(Parent.Length + 1)..];

    public bool IsSameAs(SchemaObject other) => Create == other.Create && Traits.SequenceEqual(other.Traits);
}

/// <summary>The kinds of <see cref="SchemaObject"/>, in the order in which they are best read.</summary>
internal enum ObjectKind
{
    Schema,
    Extension,

    /// <summary>An enum, a domain or a composite type; what its traits are, <see cref="TypeSql"/> knows.</summary>
    Type,

    /// <summary>Its traits: its lowest and its highest number, and its persistence as in <c>pg_class</c>.</summary>
    Sequence,

    /// <summary>A plain table; its trait is the word before TABLE where it is made.</summary>
    Table,

    /// <summary>Its traits: see <see cref="ColumnTraits"/>.</summary>
    Column,

    /// <summary>Which column a sequence belongs to.</summary>
    Ownership,

    /// <summary>Its traits: see <see cref="ConstraintTraits"/>.</summary>
    Constraint,
    Index,

    /// <summary>Its traits: the arguments, the result, and the text in which names may stand.</summary>
    Routine,

    /// <summary>Its traits: a name and type for each column.</summary>
    View,
    MaterializedView,
    Statistics,
    Rule,
    Trigger,

    /// <summary>That row-level security is on, or forced.</summary>
    RowSecurity,
    Policy,

    /// <summary>What a statement says of a thing and another takes back: an option, a right, that a trigger is off. Its trait is the key of the thing.</summary>
    Setting,
    Comment,

    /// <summary>What cannot be written: a partitioned or foreign table, a partition, an aggregate, a range type.</summary>
    Other,
}

/// <summary>The places of a column's traits.</summary>
internal static class ColumnTraits
{
    public const int Definition = 0;
    public const int IsRequired = 1;
    public const int Default = 2;

    /// <summary>Whether its values come from a sequence of its own or from other columns.</summary>
    public const int IsComputed = 3;

    /// <summary>Whether the default gives another value each time.</summary>
    public const int IsVolatile = 4;

    /// <summary>The quoted name of the constraint by which it must have a value; <c>null</c> for none, and before PostgreSQL 18, which is the first to name them.</summary>
    public const int NotNull = 5;

    /// <summary>The quoted name that this constraint gets where none is said; <c>null</c> where it would be cut.</summary>
    public const int UsualNotNull = 6;
}

/// <summary>The places of a constraint's traits.</summary>
internal static class ConstraintTraits
{
    /// <summary>As in <c>pg_constraint.contype</c>.</summary>
    public const int Kind = 0;
    public const int Definition = 1;

    /// <summary>The index behind it, as a statement; <c>null</c> for none.</summary>
    public const int Index = 2;

    /// <summary>Such as <c>DEFERRABLE INITIALLY DEFERRED</c>.</summary>
    public const int Suffix = 3;
}
