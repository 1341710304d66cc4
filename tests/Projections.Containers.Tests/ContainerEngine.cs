namespace Projections.Containers;

/// <summary>The engine that containers are started by: Docker, or another that listens where Docker does.</summary>
internal static class ContainerEngine
{
    private const string HostVariable = "DOCKER_HOST";

    private static readonly string[] Sockets = OperatingSystem.IsWindows()
        ? [@"\\.\pipe\docker_engine"]
        :
        [
            "/var/run/docker.sock",
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker/run/docker.sock"),
            Path.Combine(Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") ?? "/run", "podman/podman.sock"),
        ];

    /// <summary>Why no container can be started, or <c>null</c> when one can.</summary>
    public static string? SkipReason { get; } = Environment.GetEnvironmentVariable(HostVariable) is { Length: > 0 } || Sockets.Any(File.Exists)
        ? null
        : $"There is no container engine: {HostVariable} is not set, and there is no {string.Join(", no ", Sockets)}.";
}
