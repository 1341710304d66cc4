using Projections.Events;

namespace Projections.SqlProjections;

/// <summary>A statement and how an event gives its parameters.</summary>
internal sealed record SqlStatement<TEvent>(string Sql, Func<Event<TEvent>, (string Name, object? Value)[]> Parameters)
{
    public PendingStatement For(in Event<TEvent> e) => new(Sql, Parameters(e));
}
