using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Projections.LocalPostgres;

/// <summary>What lies in a cluster's folder, and how it gets there.</summary>
internal sealed class ClusterFiles(string folder, ServerAccount account, PostgresBinaries binaries)
{
    /// <summary>The superuser that <c>initdb</c> makes. Not <c>projections</c>: PostgreSQL's search path begins with the schema
    /// that is named as the user, and the catalog's schema has that name.</summary>
    public const string Superuser = "postgres";

    public string Folder => folder;

    public string Data => Path.Combine(folder, "data");

    public string Log => Path.Combine(folder, "log");

    private string PasswordFile => Path.Combine(folder, "password");

    /// <summary>Makes the cluster, unless the folder has one, and returns the superuser's password.</summary>
    public async Task<string> CreateAsync(CancellationToken cancellationToken)
    {
        MakeFolder();
        if (File.Exists(Path.Combine(Data, "PG_VERSION")))
        {
            return await File.ReadAllTextAsync(PasswordFile, cancellationToken);
        }

        // The loopback interface is shared by all users of the machine, hence a password.
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        await WriteSecretAsync(PasswordFile, password, cancellationToken);
        await HandOverAsync(cancellationToken);
        await RunAsync(
            [
                binaries.PathOf("initdb"), "-D", Data, "-U", Superuser, $"--pwfile={PasswordFile}", "--auth=scram-sha-256",
                "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions",
            ],
            cancellationToken);
        await File.AppendAllTextAsync(Path.Combine(Data, "postgresql.conf"), "\ninclude 'projections.conf'\n", cancellationToken);
        return password;
    }

    /// <summary>Makes a streaming standby of a running cluster, and returns the superuser's password, which is the same.</summary>
    public async Task<string> CopyAsync(int port, string password, CancellationToken cancellationToken)
    {
        MakeFolder();
        var passwords = Path.Combine(folder, "pgpass");
        await WriteSecretAsync(passwords, $"*:*:*:*:{password}\n", cancellationToken);
        await HandOverAsync(cancellationToken);
        await RunAsync(
            [
                binaries.PathOf("pg_basebackup"), "-D", Data, "-d", $"host=127.0.0.1 port={Text(port)} user={Superuser} passfile={passwords}",
                "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync",
            ],
            cancellationToken);
        return password;
    }

    public async Task WriteSettingsAsync(LocalPostgresOptions options, int port, CancellationToken cancellationToken)
    {
        var flushed = options.Durable ? "on" : "off";
        var settings = new Dictionary<string, string>
        {
            ["listen_addresses"] = "127.0.0.1",
            ["port"] = Text(port),
            ["unix_socket_directories"] = "",
            ["max_connections"] = Text(options.MaxConnections),
            ["shared_buffers"] = $"{options.SharedBuffers}MB",
            ["max_wal_size"] = $"{options.MaxWalSize}MB",
            ["max_prepared_transactions"] = Text(options.MaxPreparedTransactions),
            ["fsync"] = flushed,
            ["full_page_writes"] = flushed,
        };
        foreach (var (name, value) in options.Settings)
        {
            settings[name] = value;
        }

        var text = new StringBuilder();
        foreach (var (name, value) in settings)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name} = '{value.Replace("'", "''", StringComparison.Ordinal)}'\n");
        }

        await File.WriteAllTextAsync(Path.Combine(Data, "projections.conf"), text.ToString(), cancellationToken);
        await HandOverAsync(cancellationToken);
    }

    /// <summary>Runs a server program under the server's account.</summary>
    /// <exception cref="LocalPostgresFailed">It failed; the message ends with what it said and the end of the server's log.</exception>
    public async Task RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var (program, arguments) = account.Command(command);
        var result = await ToolProcess.RunAsync(program, arguments, folder, cancellationToken);
        if (result.ExitCode != 0)
        {
            var log = LogTail();
            throw new LocalPostgresFailed(
                $"'{Path.GetFileName(command[0])} {string.Join(' ', command.Skip(1))}' ended with {result.ExitCode}: {result.Output}{log}")
            {
                PortWasTaken = log.Contains("Address already in use", StringComparison.Ordinal),
            };
        }
    }

    /// <summary>The last 20 lines of the server's log with a heading, or nothing when there is no log.</summary>
    public string LogTail() =>
        File.Exists(Log) ? $"\nEnd of {Log}:\n{string.Join('\n', File.ReadLines(Log).TakeLast(20))}" : "";

    private void MakeFolder()
    {
        if (OperatingSystem.IsWindows())
        {
            throw NotOnWindows();
        }

        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static async Task WriteSecretAsync(string path, string text, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            throw NotOnWindows();
        }

        await File.WriteAllTextAsync(path, text, cancellationToken);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static PlatformNotSupportedException NotOnWindows() => new("A private PostgreSQL cluster can be run on Linux and macOS, not on Windows.");

    private async Task HandOverAsync(CancellationToken cancellationToken)
    {
        if (account.Name is not { } name)
        {
            return;
        }

        var result = await ToolProcess.RunAsync("/bin/chown", ["-R", name, folder], "/", cancellationToken);
        if (result.ExitCode != 0)
        {
            throw new LocalPostgresFailed($"The folder '{folder}' could not be given to the account '{name}': {result.Output}");
        }
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
