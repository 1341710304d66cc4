using Microsoft.Extensions.Logging;
using Projections.Definitions;

namespace Projections.CommandLine.Service;

/// <summary>What the program says of itself.</summary>
internal static partial class ServiceLog
{
    [LoggerMessage(731, LogLevel.Error, "A declaration is wrong. {Error}")]
    public static partial void WronglyDeclared(ILogger logger, DeclarationError error);
}
