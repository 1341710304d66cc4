using System.ComponentModel;
using Projections.Verification;
using Projections.WorkOrders;

namespace Projections.Web.Requests;

/// <summary>The body of <c>repair</c>: all rows that any of it names.</summary>
internal sealed record RepairRequest
{
    [Description("The version; the live one when left out.")]
    public int? Version { get; init; }

    [Description("Keys of rows; the parts of one with commas between them, or as a JSON array.")]
    public IReadOnlyList<string>? Keys { get; init; }

    [Description("Streams: all rows that their events are for.")]
    public IReadOnlyList<string>? Streams { get; init; }

    [Description("A tenant: all rows that its events are for. Reads the whole history.")]
    public string? Tenant { get; init; }

    [Description("The rows in which the version differs from the live one, or the live one from the newest beside it.")]
    public bool WhereDifferent { get; init; }

    [Description("The reason, kept in the history.")]
    public string? Why { get; init; }

    public Work ToWork() => new RepairWork
    {
        Version = Version,
        Scope = new RepairScope { Keys = Keys ?? [], Streams = Streams ?? [], Tenant = Tenant, WhereDifferent = WhereDifferent },
    };
}
