using System;

namespace Projections.Contracts;

/// <summary>What every command says, whatever it asks for.</summary>
public interface IProjectionCommand
{
    /// <summary>The sender's id for this command, unlike any other. A command that arrives a second time is known by it and
    /// does nothing; so send it again with the same id when in doubt.</summary>
    Guid CommandId { get; }

    /// <summary>The projection: <c>invoice_summary</c>.</summary>
    string Projection { get; }

    /// <summary>Who asks, a person or a program; kept in the history.</summary>
    string RequestedBy { get; }

    /// <summary>Why; kept in the history. May be left out.</summary>
    string? Reason { get; }
}
