namespace Projections.LocalPostgres;

/// <summary>
/// The operating system's account that the server runs under. PostgreSQL refuses to run as root, so root hands it to an
/// ordinary account; everybody else runs it as themselves.
/// </summary>
/// <param name="Name">The account's name, or <c>null</c> for the one that runs this program.</param>
/// <param name="Prefix">What stands before a command to run it under the account; empty for the own account.</param>
internal sealed record ServerAccount(string? Name, IReadOnlyList<string> Prefix)
{
    private static readonly string[] OrdinaryAccounts = ["postgres", "nobody"];
    private static readonly string[] ToolFolders = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"];

    /// <exception cref="LocalPostgresFailed">This is root, and there is no way to become somebody else.</exception>
    public static ServerAccount Choose()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return new ServerAccount(null, []);
        }

        var name = OrdinaryAccounts.FirstOrDefault(Exists)
            ?? throw new LocalPostgresFailed(
                "PostgreSQL does not run as root, and there is neither an account 'postgres' nor 'nobody' to run it under. "
                + "Create one ('useradd --system postgres') or run this program as an ordinary user.");
        return new ServerAccount(name, WayToBecome(name));
    }

    /// <summary>The program and arguments that run <paramref name="command"/> under the account.</summary>
    public (string Program, IEnumerable<string> Arguments) Command(params IReadOnlyList<string> command)
    {
        string[] all = [.. Prefix, .. command];
        return (all[0], all.Skip(1));
    }

    private static bool Exists(string name) => ToolProcess.Run("/usr/bin/env", ["id", "-u", name]).ExitCode == 0;

    private static string[] WayToBecome(string name)
    {
        if (FindTool("setpriv") is { } setpriv)
        {
            var group = ToolProcess.Run("/usr/bin/env", ["id", "-g", name]).Output;
            return [setpriv, $"--reuid={name}", $"--regid={group}", "--clear-groups", "--"];
        }

        return FindTool("runuser") is { } runuser
            ? [runuser, "-u", name, "--"]
            : throw new LocalPostgresFailed(
                $"PostgreSQL does not run as root, and neither 'setpriv' nor 'runuser' is there to run it as '{name}'. "
                + "Install util-linux or run this program as an ordinary user.");
    }

    private static string? FindTool(string name) =>
        ToolFolders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
