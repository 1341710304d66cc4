using Npgsql;
using Projections.Events;
using Projections.Postgres;

namespace Projections.PostgresEvents;

/// <summary>Says in an event source's words what PostgreSQL or the network said.</summary>
internal static class StoreErrors
{
    /// <summary>Whether an exception comes from the store, and so must be translated.</summary>
    public static bool IsFromStore(Exception exception) =>
        exception is NpgsqlException || (exception is not EventSourceUnavailable && PassingFault.Is(exception));

    /// <summary>What to throw in its place.</summary>
    public static Exception Translate(Exception exception, string table) => exception switch
    {
        PostgresException { IsAboutMissing: true } gone =>
            new EventSourceUnusable($"The event table {table} is not what it was: {gone.MessageText}. Check the database and the store's version.", gone),
        PostgresException { IsAboutRights: true } denied =>
            new EventSourceUnusable($"The event table {table} may not be read: {denied.MessageText}. Grant SELECT on the table and on its sequence.", denied),
        PostgresException { IsAboutLogin: true } refused =>
            new EventSourceUnusable($"The server of the event table {table} does not let us in: {refused.MessageText}. Check user and password.", refused),
        PostgresException other when !PassingFault.Is(other) =>
            new EventSourceUnusable($"Reading the event table {table} failed: {other.Words}.", other),
        _ => new EventSourceUnavailable($"The server of the event table {table} could not be reached or broke off: {exception.Cause}", exception),
    };
}
