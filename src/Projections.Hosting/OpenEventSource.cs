using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Projections.Events;

namespace Projections.Hosting;

/// <summary>Opens an event source that is none of ours. What it gives is closed by us.</summary>
/// <param name="configuration">All settings.</param>
/// <param name="loggers">Where the source says what it does.</param>
/// <param name="cancellationToken">Ends the attempt.</param>
/// <exception cref="EventSourceUnavailable">The store cannot be reached.</exception>
/// <exception cref="EventSourceUnusable">The store cannot be read; the message says what to change.</exception>
public delegate Task<IEventSource> OpenEventSource(IConfiguration configuration, ILoggerFactory loggers, CancellationToken cancellationToken);
