using Microsoft.Extensions.Logging;

namespace Projections.Hosting.Databases;

/// <summary>A log in which each line begins with the database's name. Its providers are the process's, and stay open.</summary>
internal sealed class DatabaseLoggers(string database, ILoggerFactory loggers) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new DatabaseLogger(database, loggers.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    public void Dispose()
    {
        // Not ours.
    }

    private sealed class DatabaseLogger(string database, ILogger logger) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logger.IsEnabled(logLevel))
            {
                using (logger.BeginScope(new KeyValuePair<string, object?>[] { new("Database", database) }))
                {
                    logger.Log(logLevel, eventId, state, exception, (told, fault) => $"{database}: {formatter(told, fault)}");
                }
            }
        }
    }
}
