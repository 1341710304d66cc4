using Microsoft.Extensions.Logging;

namespace Projections.Host.Service;

/// <summary>What the program says of itself.</summary>
internal static partial class ServiceLog
{
    [LoggerMessage(701, LogLevel.Warning, "{Address} is taken, perhaps by another worker, so this one has no page. Set Http:Listen to another address, or to 'off'.")]
    public static partial void NoPage(ILogger logger, string address);
}
