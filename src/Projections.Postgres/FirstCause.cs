using Npgsql;

namespace Projections.Postgres;

/// <summary>What failed first, in the words that messages quote: the driver wraps it, or reports only what failed because of it.</summary>
internal static class FirstCause
{
    extension(Exception exception)
    {
        public string Cause => exception switch
        {
            PostgresException postgres => postgres.Words,
            // Only a name: the connection broke below whoever was using it.
            ObjectDisposedException { InnerException: { } reason } => reason.Cause,
            ObjectDisposedException => "the connection broke",
            NpgsqlException { InnerException: { } reason } => $"{exception.Message.TrimEnd('.')}: {reason.Cause}",
            OperationCanceledException { InnerException: { } reason } => reason.Cause,
            OperationCanceledException => "it was called off",
            AggregateException { InnerException: { } reason } => reason.Cause,
            _ => exception.Message,
        };
    }
}
