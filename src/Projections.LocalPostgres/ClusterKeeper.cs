using System.Diagnostics;

namespace Projections.LocalPostgres;

/// <summary>
/// A shell that holds the reading end of a pipe from this process. When the pipe closes, because the cluster is disposed or because
/// this process died in whatever way, it stops the server and removes the temporary folder. So there is one way to clean up, and it
/// works after <c>kill -9</c> too.
/// </summary>
internal sealed class ClusterKeeper : IAsyncDisposable
{
    // Interrupts go to the whole terminal group, and must not end the keeper before its work. The removal is repeated, as an
    // initdb or a start that was under way when this process died may go on writing for a moment.
    private const string Script =
        """
        trap '' INT HUP TERM
        exec >/dev/null 2>&1
        folder=$1; remove=$2; shift 2
        while read -r _; do :; done
        for attempt in 1 2 3 4 5 6 7 8 9 10; do
            if [ -e "$folder/data/postmaster.pid" ]; then "$@" stop -D "$folder/data" -m immediate -w -t 30; fi
            if [ "$remove" = yes ]; then rm -rf "$folder"; fi
            if [ "$remove" = no ] || [ ! -e "$folder" ]; then exit 0; fi
            sleep 1
        done
        exit 1
        """;

    private readonly Process _shell;

    private ClusterKeeper(Process shell) => _shell = shell;

    public static ClusterKeeper Start(string folder, bool removeFolder, ServerAccount account, PostgresBinaries binaries)
    {
        string[] shell = ["/bin/sh", "-c", Script, "sh", folder, removeFolder ? "yes" : "no", .. account.Prefix, binaries.PathOf("pg_ctl")];

        // A session of its own, so that killing this process's whole group does not reach the keeper.
        const string OwnSession = "/usr/bin/setsid";
        string[] command = File.Exists(OwnSession) ? [OwnSession, .. shell] : shell;
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardInput = true, WorkingDirectory = "/" };
        return new ClusterKeeper(Process.Start(start) ?? throw new LocalPostgresFailed("/bin/sh could not be started."));
    }

    /// <summary>Has the server stopped and the temporary folder removed, and waits until that is done.</summary>
    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
    }
}
