using Projections.Events;

namespace Projections.Tests.Folding;

internal sealed record Opened(int Id, int Amount);

internal sealed record Reopened(int Id, int Amount);

internal sealed record Added(int Id, int Amount);

internal sealed record Noted(int Id, string Note);

internal sealed record Counted(int Id, int Amount);

internal sealed record Closed(int Id);

internal sealed record Dropped(int Id);

internal sealed record Transferred(int From, int To, int Amount);

internal sealed record Shared(int[] Ids, int Amount);

internal sealed record Swept(int[] Ids);

internal static class LedgerEvents
{
    public static readonly EventTypes Types = EventTypes.Create(types => types
        .Map<Opened>("opened")
        .Map<Reopened>("reopened")
        .Map<Added>("added")
        .Map<Noted>("noted")
        .Map<Counted>("counted")
        .Map<Closed>("closed")
        .Map<Dropped>("dropped")
        .Map<Transferred>("transferred")
        .Map<Shared>("shared")
        .Map<Swept>("swept"));
}
