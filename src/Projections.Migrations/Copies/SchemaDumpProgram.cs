using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using Projections.Migrations.Parsing;
using Projections.Postgres;

namespace Projections.Migrations.Copies;

/// <summary>Reads a database's schema with <c>pg_dump --schema-only</c>.</summary>
internal static partial class SchemaDumpProgram
{
    /// <param name="pgDump">The program.</param>
    /// <param name="server">The server's version.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    /// <returns>Why the program cannot read the server; <c>null</c> when it can: it reads servers of its own major version and of older ones.</returns>
    public static async Task<string?> WhyNotAsync(string pgDump, Version server, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(pgDump, ["--version"]) { RedirectStandardOutput = true })!;
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            var version = VersionPattern().Match(output);
            return version.Success && int.Parse(version.Value, CultureInfo.InvariantCulture) < server.Major
                ? $"'{pgDump}' is of version {version.Value} and cannot read a server of version {server.Major}"
                : null;
        }
        catch (Win32Exception missing)
        {
            return $"'{pgDump}' could not be started ({missing.Message})";
        }
    }

    /// <param name="pgDump">The program.</param>
    /// <param name="database">The database's connection string. Its password goes over the environment, never the command line.</param>
    /// <param name="leftOut">What of the schema to leave out, as the program's options.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    /// <returns>The statements that make the schema.</returns>
    public static async Task<IReadOnlyList<SqlStatement>> ReadAsync(
        string pgDump, string database, IEnumerable<string> leftOut, CancellationToken cancellationToken)
    {
        var start = Start(pgDump, new NpgsqlConnectionStringBuilder(database), leftOut);
        using var process = Begin(start);
        await using var ended = cancellationToken.Register(process.Kill);
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new MigrationStopped("copy-failed", $"'{pgDump}' ended with {process.ExitCode}: {(await errors).Trim()}.");
        }

        // The dump frames itself with psql's \restrict, which means nothing to the server. Nothing else begins with a backslash in a
        // dump without data.
        var lines = (await output).Split('\n').Where(line =>
            !line.StartsWith("\\restrict ", StringComparison.Ordinal) && !line.StartsWith("\\unrestrict ", StringComparison.Ordinal));
        return StatementSplitter.Split(string.Join('\n', lines));
    }

    /// <summary>The options that leave schemas out.</summary>
    public static IEnumerable<string> WithoutSchemas(IEnumerable<string> names) => names.Select(name => $"--exclude-schema={SqlName.Quote(name)}");

    private static Process Begin(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new MigrationStopped("copy-failed", $"'{start.FileName}' could not be started: {missing.Message}.");
        }
    }

    private static ProcessStartInfo Start(string pgDump, NpgsqlConnectionStringBuilder database, IEnumerable<string> leftOut)
    {
        var start = new ProcessStartInfo(pgDump, ["--schema-only", .. leftOut])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PGHOST"] = database.Host;
        start.Environment["PGPORT"] = database.Port.ToString(CultureInfo.InvariantCulture);
        start.Environment["PGDATABASE"] = database.Database;
        start.Environment["PGUSER"] = database.Username;
        start.Environment["PGSSLMODE"] = database.SslMode switch
        {
            SslMode.VerifyCA => "verify-ca",
            SslMode.VerifyFull => "verify-full",
            var mode => mode.ToString().ToLowerInvariant(),
        };
        if (database.Password is { Length: > 0 } password)
        {
            start.Environment["PGPASSWORD"] = password;
        }

        return start;
    }

    [GeneratedRegex(@"(?<=\(PostgreSQL\) )\d+", RegexOptions.CultureInvariant)]
    private static partial Regex VersionPattern();
}
