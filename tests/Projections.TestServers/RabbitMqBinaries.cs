namespace Projections.TestServers;

/// <summary>Where RabbitMQ's server is on this machine.</summary>
public static class RabbitMqBinaries
{
    /// <summary>Debian's script that starts the server as whoever calls it, and others' in the search path.</summary>
    public static string? Server { get; } = Find();

    /// <summary>The tool by which a running server is told what to do.</summary>
    public static string? Tool => Server is null ? null : Path.Combine(Path.GetDirectoryName(Server)!, "rabbitmqctl");

    /// <summary>Why tests that need a broker cannot run here, or <c>null</c> when they can.</summary>
    public static string? SkipReason => Server is null
        ? "There is no RabbitMQ on this machine. Install it with eng/install-rabbitmq.sh to run the tests against a real broker."
        : null;

    private static string? Find()
    {
        var folders = new[] { "/usr/lib/rabbitmq/bin", "/opt/homebrew/sbin" }.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator));
        return folders.Select(folder => Path.Combine(folder, "rabbitmq-server")).FirstOrDefault(File.Exists);
    }
}
