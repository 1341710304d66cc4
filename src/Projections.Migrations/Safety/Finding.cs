using Projections.Migrations.Files;

namespace Projections.Migrations.Safety;

/// <summary>Something in a migration that is not safe.</summary>
public sealed record Finding
{
    /// <summary>The rule's stable id, such as <c>column-dropped</c>.</summary>
    public required string RuleId { get; init; }

    public required SafetyGroup Group { get; init; }

    public required Severity Severity { get; init; }

    public required Direction Direction { get; init; }

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>The statement's line, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>What happens, and what PostgreSQL did on the copy that proves it.</summary>
    public required string What { get; init; }

    /// <summary>The safe way to do it.</summary>
    public required string Way { get; init; }

    /// <summary>That way as SQL; <c>null</c> where there is none to give.</summary>
    public string? Sql { get; init; }

    /// <summary>The table whose size matters, qualified; <c>null</c> when none does.</summary>
    public string? Table { get; init; }

    public Work Work { get; init; }

    /// <summary>For how long, in terms of the table's size; empty when it is over in a moment.</summary>
    public string Duration { get; init; } = "";

    /// <summary>The reason by which the file silences it; <c>null</c> when it does not.</summary>
    public string? Allowed { get; init; }

    /// <summary>Whether it counts against the migration.</summary>
    public bool IsUnsafe => Severity == Severity.Error && Allowed is null;
}
