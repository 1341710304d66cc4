using System.Text.Json;
using Projections.Catalog;
using Projections.Definitions;

namespace Projections.WorkOrders;

/// <summary>Work that was ordered, and what has come of it so far.</summary>
internal sealed record WorkOrder
{
    /// <summary>By which whoever ordered it finds it: the command's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The version that it is about.</summary>
    public required VersionId Version { get; init; }

    public required Work Work { get; init; }

    public required WorkOrderState State { get; init; }

    /// <summary>Who ordered it, and why.</summary>
    public required Actor Actor { get; init; }

    public required DateTime RequestedAt { get; init; }

    /// <summary>The worker that took it last.</summary>
    public string? Worker { get; init; }

    /// <summary>When a worker took it for the first time.</summary>
    public DateTime? StartedAt { get; init; }

    public DateTime? EndedAt { get; init; }

    /// <summary>What came of it, in a sentence.</summary>
    public string? Outcome { get; init; }

    /// <summary>What came of it: the report of the operation, as the command line's <c>--json</c> gives it.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Why nothing came of it.</summary>
    public string? Failure { get; init; }
}

/// <summary>How far a work order is.</summary>
internal enum WorkOrderState
{
    /// <summary>No worker has it at present.</summary>
    Waiting,

    /// <summary>A worker has it.</summary>
    Running,

    /// <summary>It was done; whether versions agree or not is in its result.</summary>
    Done,

    /// <summary>It could not be done.</summary>
    Failed,
}
