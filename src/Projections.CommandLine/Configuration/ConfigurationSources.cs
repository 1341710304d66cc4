using Microsoft.Extensions.Configuration;
using Projections.Hosting.Configuration;

namespace Projections.CommandLine.Configuration;

/// <summary>
/// Where settings come from: <c>appsettings.json</c> in the working folder, then secrets, a file each, then the environment, then the command line.
/// </summary>
internal static class ConfigurationSources
{
    /// <summary>Where Docker and others put secrets; <c>ConnectionStrings__ReadModels</c> is the file of <c>ConnectionStrings:ReadModels</c>.</summary>
    private const string Secrets = "/run/secrets";

    /// <param name="fromCommandLine">Settings given as options, by their names; <c>null</c> where one was not given.</param>
    /// <param name="secrets">The folder of secrets, which need not be there.</param>
    /// <exception cref="SettingsInvalid">The file is not JSON, or a secret cannot be read.</exception>
    public static IConfigurationRoot Read(IReadOnlyDictionary<string, string?> fromCommandLine, string secrets = Secrets)
    {
        try
        {
            return new ConfigurationBuilder()
                .SetBasePath(Directory.GetCurrentDirectory())
                .AddJsonFile(SettingsReader.FileName, optional: true)
                .AddKeyPerFile(secrets, optional: true)
                .AddEnvironmentVariables()
                .AddInMemoryCollection(fromCommandLine.Where(setting => setting.Value is not null))
                .Build();
        }
        catch (InvalidDataException exception)
        {
            // The message names the file; what is wrong with it stands in the inner one.
            throw new SettingsInvalid([$"{exception.Message} {exception.InnerException?.Message}".TrimEnd()]);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new SettingsInvalid([$"A file in '{secrets}' cannot be read: {exception.Message} Let this account read it."]);
        }
    }
}
