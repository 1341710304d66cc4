namespace Projections.Migrations.Safety;

/// <summary>How much a finding weighs.</summary>
public enum Severity
{
    /// <summary>Worth knowing; the check passes.</summary>
    Notice,

    /// <summary>Think about it before it runs; the check passes.</summary>
    Warning,

    /// <summary>The check fails, and <c>migrate up</c> refuses.</summary>
    Error,
}
