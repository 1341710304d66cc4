using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Projections.Exporting;

namespace Projections.CommandLine.Configuration;

/// <summary>The log, on the error output: the answer alone is on the standard one.</summary>
internal static class LoggingToErrors
{
    public static void Add(ILoggingBuilder logging, IConfiguration configuration, LogLevel least)
    {
        logging.SetMinimumLevel(least);
        // A line for each request is more than anybody reads; what goes wrong with one is said by us.
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // What an operator needs to know of the bus is said by us, in a line and not in a page of stack.
        logging.AddFilter("MassTransit", LogLevel.Critical);
        logging.AddFilter("Quartz", LogLevel.Warning);
        logging.AddConfiguration(configuration.GetSection("Logging"));
        logging.AddProjectionsTelemetry(configuration);
        logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
    }
}
