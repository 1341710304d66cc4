using Microsoft.Extensions.Logging;
using Projections.Definitions;

namespace Projections.Host.Service;

/// <summary>What the program says of itself.</summary>
internal static partial class ServiceLog
{
    [LoggerMessage(702, LogLevel.Error, "A declaration is wrong. {Error}")]
    public static partial void WronglyDeclared(ILogger logger, DeclarationError error);

    [LoggerMessage(701, LogLevel.Warning, "{Address} is taken, perhaps by another worker, so this one has no page. Set Http:Listen to another address, or to 'off'.")]
    public static partial void NoPage(ILogger logger, string address);
}
