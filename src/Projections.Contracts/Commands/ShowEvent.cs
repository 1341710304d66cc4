using System;

namespace Projections.Contracts;

/// <summary>Asks for an event that a version stopped at or set aside, with its data, which may be about people: the history keeps who asked. Answered with
/// <see cref="EventShown" />, so it is to be sent as a request.</summary>
public sealed class ShowEvent : IProjectionCommand
{
    /// <inheritdoc />
    public Guid CommandId { get; set; }

    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <summary>The version; the only one that stopped at an event when <c>null</c>.</summary>
    public int? Version { get; set; }

    /// <summary>The position of an event that was set aside, as text; the one that the version stopped at when <c>null</c>.</summary>
    public string? Position { get; set; }

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
