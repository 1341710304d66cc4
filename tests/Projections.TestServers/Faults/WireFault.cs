namespace Projections.TestServers.Faults;

/// <summary>A statement on its way to PostgreSQL.</summary>
/// <param name="Text">The statement, as it was written.</param>
/// <param name="After">The one before it on the same connection, or <c>null</c>. What goes ahead of another in the same message, such as <c>BEGIN</c>, is none.</param>
public sealed record SentStatement(string Text, string? After)
{
    /// <summary>Whether it ends a transaction and keeps what was done.</summary>
    public bool Commits => Text.TrimEnd(';', ' ').EndsWith("commit", StringComparison.OrdinalIgnoreCase);
}

/// <summary>What goes wrong at a statement.</summary>
/// <param name="Kind">In which way.</param>
/// <param name="SqlState">What the server says, where it says something.</param>
public sealed record WireFault(WireFaultKind Kind, string? SqlState = null)
{
    /// <summary>The statement does not arrive.</summary>
    public static WireFault BreakBefore { get; } = new(WireFaultKind.BreakBefore);

    /// <summary>The statement is carried out, and its answer is lost.</summary>
    public static WireFault BreakAfter { get; } = new(WireFaultKind.BreakAfter);

    /// <summary>Whether nobody gets through any more after it, until it is mended.</summary>
    public bool Shuts { get; init; }

    /// <summary>Whether the next connection is refused with the same words.</summary>
    public bool RefusesNext { get; init; }

    /// <summary>The statement is refused, and the transaction with it.</summary>
    public static WireFault Error(string sqlState) => new(WireFaultKind.Error, sqlState);

    /// <summary>The session ends in place of the statement.</summary>
    public static WireFault Fatal(string sqlState) => new(WireFaultKind.Fatal, sqlState);

    public override string ToString() => SqlState is null ? $"{Kind}" : $"{Kind} {SqlState}";
}

/// <summary>In which way something goes wrong at a statement.</summary>
public enum WireFaultKind
{
    BreakBefore,
    BreakAfter,
    Error,
    Fatal,
}
