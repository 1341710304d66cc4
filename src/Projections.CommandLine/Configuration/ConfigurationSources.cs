using Microsoft.Extensions.Configuration;
using Projections.Hosting.Configuration;

namespace Projections.CommandLine.Configuration;

/// <summary>Where settings come from: <c>appsettings.json</c> in the working folder, then the environment, then the command line.</summary>
internal static class ConfigurationSources
{
    /// <param name="fromCommandLine">Settings given as options, by their names; <c>null</c> where one was not given.</param>
    /// <exception cref="SettingsInvalid">The file is not JSON.</exception>
    public static IConfigurationRoot Read(IReadOnlyDictionary<string, string?> fromCommandLine)
    {
        try
        {
            return new ConfigurationBuilder()
                .SetBasePath(Directory.GetCurrentDirectory())
                .AddJsonFile(SettingsReader.FileName, optional: true)
                .AddEnvironmentVariables()
                .AddInMemoryCollection(fromCommandLine.Where(setting => setting.Value is not null))
                .Build();
        }
        catch (InvalidDataException exception)
        {
            // The message names the file; what is wrong with it stands in the inner one.
            throw new SettingsInvalid([$"{exception.Message} {exception.InnerException?.Message}".TrimEnd()]);
        }
    }
}
