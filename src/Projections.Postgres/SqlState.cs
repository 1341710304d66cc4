using Npgsql;

namespace Projections.Postgres;

/// <summary>
/// What an error of PostgreSQL means for whoever sent the statement, by its SQLSTATE and its class, the first two characters.
/// See https://www.postgresql.org/docs/current/errcodes-appendix.html.
/// </summary>
internal static class SqlState
{
    private const string UnsafeNewEnumValueUsage = "55P04";

    // Where a connection to another server was lost earlier in the transaction, Citus says so without an SQLSTATE of its own, and never in another language.
    private const string LostByCitus = "failure on connection marked as essential";

    extension(PostgresException error)
    {
        /// <summary>A lock could not be had in time, or a deadlock was resolved against us.</summary>
        public bool IsAboutLocks => error.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected;

        /// <summary>The statement does not run inside a transaction: it opens, or ends, transactions of its own.</summary>
        public bool NeedsNoTransaction =>
            error.SqlState is PostgresErrorCodes.ActiveSqlTransaction or PostgresErrorCodes.InvalidTransactionTermination;

        /// <summary>A value does not fit its type or its expression.</summary>
        public bool IsAboutData => error.IsOfClass("22");

        /// <summary>A row violates a constraint.</summary>
        public bool IsAboutConstraints => error.IsOfClass("23");

        /// <summary>The statement failed by its values: bad data, a violated constraint, or an error raised on purpose.</summary>
        public bool IsAboutValues => error.IsAboutData || error.IsAboutConstraints || error.SqlState == PostgresErrorCodes.RaiseException;

        /// <summary>The login was refused: no such role, a wrong password, no way in for this address.</summary>
        public bool IsAboutLogin => error.IsOfClass("28");

        /// <summary>The role lacks a right.</summary>
        public bool IsAboutRights => error.SqlState == PostgresErrorCodes.InsufficientPrivilege;

        /// <summary>A table, a column or the database is not there.</summary>
        public bool IsAboutMissing =>
            error.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.InvalidCatalogName;

        /// <summary>What was to be created is there already: a table, schema, column, routine or another object of that name.</summary>
        public bool IsAboutExisting => error.SqlState is PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.DuplicateSchema
            or PostgresErrorCodes.DuplicateColumn or PostgresErrorCodes.DuplicateFunction or PostgresErrorCodes.DuplicateObject;

        /// <summary>The server or what it runs on is not well just now: connection (08), rollback (40), resources (53), not in the state for
        /// it (55), an operator at work (57), system (58). A new value of an enumeration that is used too early (of class 55) is wrong SQL.</summary>
        public bool IsAboutServer => error.SqlState != UnsafeNewEnumValueUsage
            && (error.IsTransient || error.SqlState[..2] is "08" or "40" or "53" or "55" or "57" or "58" || error.IsAboutServerBehind);

        /// <summary>Another server is gone, on which this one has some of its data (Citus, foreign tables): the session is well, and so is all that is not there.</summary>
        public bool IsAboutServerBehind => error.EndsStatementOnly
            && (error.SqlState[..2] == "08" || error.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
                || (error.SqlState == PostgresErrorCodes.InternalError && error.MessageText.StartsWith(LostByCitus, StringComparison.Ordinal)));

        /// <summary>The statement alone failed. Anything worse ends the session, and may come after a commit.</summary>
        public bool EndsStatementOnly => error.InvariantSeverity == "ERROR";

        /// <summary>The error as messages quote it.</summary>
        public string Words => $"{error.MessageText} (SQLSTATE {error.SqlState})";

        private bool IsOfClass(string sqlClass) => error.SqlState.StartsWith(sqlClass, StringComparison.Ordinal);
    }
}
