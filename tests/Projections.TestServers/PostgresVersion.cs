using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using Projections.LocalPostgres;
using Projections.Testing;

namespace Projections.TestServers;

/// <summary>The versions of the server of the tests, and of the <c>pg_dump</c> beside it, for tests that ask for one.</summary>
public static partial class PostgresVersion
{
    private static readonly Lazy<int> Server = new(FindServer);
    private static readonly Lazy<int?> Dump = new(FindDump);

    /// <returns>Why what came with a version cannot be tested; <c>null</c> when it can.</returns>
    public static string? WhyNot(int from) =>
        from > 0 && Server.Value < from ? $"It is about PostgreSQL {from}, and the server is of version {Server.Value}." : null;

    /// <returns>Why the server cannot be read by <c>pg_dump</c>; <c>null</c> when it can.</returns>
    public static string? WhyNoDump() =>
        Dump.Value is not { } dump ? "There is no pg_dump."
        : dump < Server.Value ? $"It needs pg_dump {Server.Value}, and there is version {dump}." : null;

    /// <returns>Why no standby of the server can be made; <c>null</c> when one can.</returns>
    public static string? WhyNoBaseBackup() =>
        File.Exists(PostgresBinaries.Find().PathOf("pg_basebackup")) ? null : $"There is no pg_basebackup beside the programs of PostgreSQL {PostgresBinaries.Find().MajorVersion}.";

    private static int FindServer()
    {
        if (Environment.GetEnvironmentVariable(PostgresForTests.ServerVariable) is not { Length: > 0 } named)
        {
            return PostgresBinaries.Find().MajorVersion;
        }

        using var connection = new NpgsqlConnection(named);
        connection.Open();
        return connection.PostgreSqlVersion.Major;
    }

    private static int? FindDump()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("pg_dump", ["--version"]) { RedirectStandardOutput = true })!;
            var version = FirstNumber().Match(process.StandardOutput.ReadToEnd());
            process.WaitForExit();
            return version.Success ? int.Parse(version.Value, CultureInfo.InvariantCulture) : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex FirstNumber();
}
