namespace Projections.Migrations.Generating;

/// <summary>One change of a schema with its way back.</summary>
/// <param name="Phase">In which file it stands.</param>
/// <param name="Up">Its statements; none where it happens with another step.</param>
/// <param name="Down">The statements that take it back; none where that happens with another step.</param>
internal sealed record SchemaStep(StepPhase Phase, IReadOnlyList<string> Up, IReadOnlyList<string> Down)
{
    /// <summary>Why it cannot be taken back; <c>null</c> when it can.</summary>
    public string? Irreversible { get; init; }
}

/// <summary>The files of a generated change, in the order in which they run.</summary>
internal enum StepPhase
{
    /// <summary>New values of enums, which the transaction that adds them cannot use.</summary>
    Values,

    /// <summary>One transaction: what is new, and what is over in a moment.</summary>
    Expand,

    /// <summary>A value for the rows that are there; each step is a backfill with a file of its own.</summary>
    Fill,

    /// <summary>Indexes of tables with rows, outside of transactions.</summary>
    Indexes,

    /// <summary>Constraints of tables with rows, and materialized views, each statement alone.</summary>
    Constraints,

    /// <summary>What is wanted no more, each statement alone.</summary>
    Drops,
}

/// <summary>What leads from one schema to another.</summary>
/// <param name="Steps">In order.</param>
/// <param name="Notes">What cannot be written, and why.</param>
internal sealed record SchemaPlan(IReadOnlyList<SchemaStep> Steps, IReadOnlyList<string> Notes);
