using Projections.Hosting.Configuration;
using Projections.Postgres;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary>Reads a connection to PostgreSQL from wherever it was given.</summary>
internal static class ConnectionOption
{
    /// <returns>In Npgsql's keys; <c>null</c> when none was given.</returns>
    /// <exception cref="SettingsInvalid">It cannot be understood.</exception>
    public static string? Read(string name, string? text)
    {
        try
        {
            return string.IsNullOrWhiteSpace(text) ? null : ConnectionText.ToConnectionString(text);
        }
        catch (FormatException invalid)
        {
            throw new SettingsInvalid([$"'{name}' {invalid.Message}. Expected is one such as {SettingsReader.Example}."]);
        }
    }
}
