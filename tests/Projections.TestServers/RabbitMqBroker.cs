using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Projections.LocalPostgres;

namespace Projections.TestServers;

/// <summary>A RabbitMQ broker of the tests' own: with its own node name, ports and data folder, and gone with them.</summary>
public sealed class RabbitMqBroker : IAsyncLifetime, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("projections-rabbitmq-").FullName;
    private readonly int _port = FreePort.Find();
    private readonly int _distributionPort = FreePort.Find();
    private readonly int _mapperPort = FreePort.Find();
    private readonly string _node = $"projections-tests-{Environment.ProcessId}@localhost";
    private readonly StringBuilder _said = new();
    private Process? _server;

    /// <summary>Where clients find it.</summary>
    public Uri Address => new($"amqp://127.0.0.1:{_port}/");

    public async Task InitializeAsync()
    {
        if (RabbitMqBinaries.Server is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(_folder, "enabled_plugins"), "[].");
            await File.WriteAllTextAsync(
                Path.Combine(_folder, "rabbitmq.conf"),
                $"""
                listeners.tcp.1 = 127.0.0.1:{_port}
                log.file = false
                log.console = true
                log.console.level = warning

                """);
            await StartAsync();
        }
    }

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo(RabbitMqBinaries.Server!) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder };
        foreach (var (name, value) in Settings())
        {
            start.Environment[name] = value;
        }

        _server = new Process { StartInfo = start };
        _server.OutputDataReceived += (_, line) => Hear(line.Data);
        _server.ErrorDataReceived += (_, line) => Hear(line.Data);
        _server.Start();
        _server.BeginOutputReadLine();
        _server.BeginErrorReadLine();
        await UntilItListensAsync();
    }

    /// <summary>Has the broker's own tool do something, such as <c>add_user ana secret</c>.</summary>
    public async Task AdministerAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(RabbitMqBinaries.Tool!, ["--node", _node, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder };
        foreach (var (name, value) in Settings())
        {
            start.Environment[name] = value;
        }

        using var tool = Process.Start(start)!;
        var said = await Task.WhenAll(tool.StandardOutput.ReadToEndAsync(), tool.StandardError.ReadToEndAsync());
        await tool.WaitForExitAsync();
        if (tool.ExitCode != 0)
        {
            throw new InvalidOperationException($"The broker did not take '{arguments[0]}': {string.Concat(said)}");
        }
    }

    /// <summary>As <c>kill -9</c>: what was not written is lost.</summary>
    public async Task KillAsync()
    {
        _server!.Kill(entireProcessTree: true);
        await _server.WaitForExitAsync();
        _server.Dispose();
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await KillAsync();
            EndPortMapper();
        }

        Directory.Delete(_folder, recursive: true);
    }

    public void Dispose() => _server?.Dispose();

    private Dictionary<string, string> Settings() => new()
    {
        // The cookie of Erlang's distribution lies in the home folder.
        ["HOME"] = _folder,
        ["ERL_EPMD_PORT"] = $"{_mapperPort}",
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        // It may still think that the node is there when it is asked to end.
        ["ERL_EPMD_RELAXED_COMMAND_CHECK"] = "true",
        ["RABBITMQ_NODENAME"] = _node,
        ["RABBITMQ_NODE_PORT"] = $"{_port}",
        ["RABBITMQ_DIST_PORT"] = $"{_distributionPort}",
        ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "data"),
        ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log"),
        ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq.conf"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "enabled_plugins"),
        // One scheduler is enough, and does not spin when there is nothing to do.
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}",
    };

    private async Task UntilItListensAsync()
    {
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < Deadline.Generous && !_server!.HasExited)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", _port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(100);
            }
        }

        throw new InvalidOperationException($"RabbitMQ did not start: {_said}");
    }

    /// <summary>Erlang's port mapper is started with the first node and outlives it; this one is ours alone.</summary>
    private void EndPortMapper()
    {
        using var end = Process.Start(new ProcessStartInfo("epmd", ["-port", $"{_mapperPort}", "-kill"]) { RedirectStandardOutput = true, RedirectStandardError = true });
        end?.WaitForExit();
    }

    private void Hear(string? line)
    {
        lock (_said)
        {
            _said.AppendLine(line);
        }
    }
}
