namespace Projections.PostgresEvents.Heads;

/// <summary>A transaction that holds a write lock on the events' sequence or table, and so may hold a number that is not visible yet.</summary>
/// <param name="Transaction">The virtual transaction id, as in <c>pg_locks.virtualtransaction</c>.</param>
/// <param name="Description">Who it is, in words.</param>
/// <param name="IsChanging">Whether it is prepared for a two-phase commit, or just about to be or to end. While a transaction is
/// being prepared its virtual transaction id changes, so these may be transactions that had another id before.</param>
internal sealed record Writer(string Transaction, string Description, bool IsChanging);
