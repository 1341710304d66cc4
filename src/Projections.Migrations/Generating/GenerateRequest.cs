namespace Projections.Migrations.Generating;

/// <summary>What <c>projections migrate generate</c> asks for.</summary>
public sealed record GenerateRequest
{
    /// <summary>What the change is called; it becomes small letters with underscores.</summary>
    public required string Name { get; init; }

    /// <summary>The file with the statements that make the wanted schema in an empty database, such as a dump or an EF Core script.</summary>
    public required string WantedFile { get; init; }

    /// <summary>What has another name in the wanted schema, such as <c>orders.note=remark</c> or <c>orders=purchases</c>. The default is nothing.</summary>
    public IReadOnlyList<string> Renames { get; init; } = [];

    /// <summary>What rows that are there get in a new column that must have a value, such as <c>orders.email='unknown'</c>, or in one that gets another type, where
    /// PostgreSQL does not know it, such as <c>orders.state=state::integer</c>: an SQL expression over the row. The default is nothing.</summary>
    public IReadOnlyList<string> Fills { get; init; } = [];

    /// <summary>What rows get in such a column on the way back, where PostgreSQL does not know it. The default is nothing.</summary>
    public IReadOnlyList<string> FillsBack { get; init; } = [];

    /// <summary>Why what would break running code is wanted all the same, such as dropping what the wanted schema lacks; it goes into the files. The
    /// default, <c>null</c>, is to refuse that.</summary>
    public string? Because { get; init; }

    /// <summary>The connection string of the server for the throw-away databases, with the right to create some.</summary>
    public required string Server { get; init; }
}

/// <summary>What was generated.</summary>
/// <param name="Files">The paths of the files; none when nothing is to change.</param>
/// <param name="Notes">What could not be written, and why.</param>
/// <param name="Rest">How the schema after these files differs from the wanted one: <c>-</c> it lacks, <c>+</c> it has besides. Owners and the order of
/// columns are not looked at.</param>
public sealed record GenerateReport(IReadOnlyList<string> Files, IReadOnlyList<string> Notes, IReadOnlyList<Schemas.SchemaDifference> Rest);
