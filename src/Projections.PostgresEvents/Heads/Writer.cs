namespace Projections.PostgresEvents.Heads;

/// <summary>A transaction that holds a write lock on the events' sequence or table, and so may hold a number that is not visible yet.</summary>
/// <param name="Transaction">The virtual transaction id, as in <c>pg_locks.virtualtransaction</c>.</param>
/// <param name="Description">Who it is, in words.</param>
/// <param name="IsChanging">Whether it is a prepared transaction, or has no id of its own at the moment (<c>3/0</c>) because it is just
/// ending or being prepared. What was seen under another id a moment ago may be one of these: while its locks are handed over to the
/// prepared transaction a session shows none, and after a restart of the server the prepared transaction has a new one.</param>
internal sealed record Writer(string Transaction, string Description, bool IsChanging);
