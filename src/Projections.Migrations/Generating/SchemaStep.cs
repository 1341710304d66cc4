namespace Projections.Migrations.Generating;

/// <summary>One change of a schema with its way back.</summary>
/// <param name="Phase">In which file it stands.</param>
/// <param name="Up">Its statements; none where it happens with another step.</param>
/// <param name="Down">The statements that take it back; none where that happens with another step.</param>
internal sealed record SchemaStep(StepPhase Phase, IReadOnlyList<string> Up, IReadOnlyList<string> Down)
{
    /// <summary>Why it cannot be taken back; <c>null</c> when it can.</summary>
    public string? Irreversible { get; init; }

    /// <summary>What the safety check finds in it that harms nobody: rules and the reason.</summary>
    public IReadOnlyList<(string Rule, string Reason)> Allowances { get; init; } = [];
}

/// <summary>The files of a generated change, in the order in which they run.</summary>
internal enum StepPhase
{
    /// <summary>New values of enums, which the transaction that adds them cannot use.</summary>
    Values,

    /// <summary>One transaction: what somebody says has another name.</summary>
    Renames,

    /// <summary>One transaction: columns beside those that get another type, each with a trigger that keeps it.</summary>
    NextColumns,

    /// <summary>The rows' values in such a column, by a backfill; each step has a file of its own.</summary>
    NextRows,

    /// <summary>The indexes of such columns, outside of transactions.</summary>
    NextIndexes,

    /// <summary>The constraints of such columns, each statement alone.</summary>
    NextConstraints,

    /// <summary>One transaction a table: such columns and those that they replace change their names.</summary>
    Swap,

    /// <summary>One transaction a table: types that are stored alike; the way back writes the table anew.</summary>
    InPlace,

    /// <summary>One transaction: what is new, and what is over in a moment.</summary>
    Expand,

    /// <summary>A value for the rows that are there; each step is a backfill with a file of its own.</summary>
    Fill,

    /// <summary>Indexes of tables with rows, outside of transactions.</summary>
    Indexes,

    /// <summary>Constraints of tables with rows, and materialized views, each statement alone.</summary>
    Constraints,

    /// <summary>One transaction a table: columns that were replaced go.</summary>
    Contract,

    /// <summary>What is wanted no more, each statement alone.</summary>
    Drops,
}

/// <summary>What the phases' files are.</summary>
internal static class StepPhases
{
    public static bool IsBackfill(this StepPhase phase) => phase is StepPhase.NextRows or StepPhase.Fill;

    /// <summary>Whether each step has a file of its own.</summary>
    public static bool IsAlone(this StepPhase phase) => phase.IsBackfill() || phase is StepPhase.Swap or StepPhase.InPlace or StepPhase.Contract;

    public static bool IsOneTransaction(this StepPhase phase) =>
        phase is StepPhase.Values or StepPhase.Renames or StepPhase.NextColumns or StepPhase.Swap or StepPhase.InPlace or StepPhase.Expand or StepPhase.Contract;
}

/// <summary>What leads from one schema to another.</summary>
/// <param name="Steps">In order.</param>
/// <param name="Notes">What cannot be written, and why.</param>
internal sealed record SchemaPlan(IReadOnlyList<SchemaStep> Steps, IReadOnlyList<string> Notes);
