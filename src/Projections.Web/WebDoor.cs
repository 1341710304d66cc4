using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Projections.Serving;
using Projections.Web.Health;

namespace Projections.Web;

/// <summary>
/// The page, the API and the health checks on an address of their own, as long as the host runs. The host's own requests, users and
/// rights, where it has any, are no matter to it, nor it to them.
/// </summary>
public sealed partial class WebDoor : IHostedLifecycleService, IAsyncDisposable
{
    private readonly ServedDatabases _databases;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private readonly IServiceProvider _host;
    private readonly WebOptions _options;
    private readonly ILogger _logger;
    private readonly StartingState _starting = new();
    private Task? _opened;
    private WebApplication? _app;

    internal WebDoor(ServedDatabases databases, IServiceProvider host, WebOptions options)
    {
        _databases = databases;
        _loggers = databases.Only?.Loggers ?? host.GetRequiredService<ILoggerFactory>();
        _time = databases.Only?.Time ?? host.GetService<TimeProvider>() ?? TimeProvider.System;
        _host = host;
        _options = options;
        _logger = _loggers.CreateLogger<WebDoor>();
    }

    /// <summary>Where the page is, or <c>null</c> when nobody listens.</summary>
    public Uri? Address { get; private set; }

    /// <summary>Where health alone is asked for, or <c>null</c> when that has no address of its own.</summary>
    public Uri? HealthAddress { get; private set; }

    /// <summary>The services of what listens, which are not the host's.</summary>
    internal IServiceProvider Services => _app!.Services;

    /// <summary>Takes the address and opens the door, behind which everything is still starting. It opens by itself when the host starts.</summary>
    /// <exception cref="WebOptionsInvalid">The address cannot be listened on.</exception>
    public Task OpenAsync(CancellationToken cancellationToken) => _opened ??= ListenAsync(cancellationToken);

    /// <inheritdoc cref="OpenAsync"/>
    public Task StartingAsync(CancellationToken cancellationToken) => OpenAsync(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Lets in who comes: everything behind the door has started.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _starting.End();
        return Task.CompletedTask;
    }

    /// <summary>Lets nobody in any more, before anything behind the door stops.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        var (socket, health) = (Take(), TakeHealth());
        if ((socket ?? health) is null)
        {
            return;
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(_databases);
        builder.Services.AddSingleton(_loggers);
        builder.Services.AddSingleton(_starting);
        builder.Services.AddSingleton(_time);
        builder.AddProjectionsWeb(_options, socket, health);
        // The host's health is asked for here.
        builder.Services.AddSingleton(_host.GetRequiredService<HealthCheckService>());
        builder.Services.AddSingleton(services => new HealthReports(services.GetRequiredService<HealthCheckService>(), _time));
        _app = builder.Build();
        _app.UseProjectionsWeb((IPEndPoint?)health?.LocalEndPoint);
        await _app.StartAsync(cancellationToken);
        Address = socket is null ? null : new Uri($"{(_options.CertificateFile is null ? "http" : "https")}://{socket.LocalEndPoint}");
        HealthAddress = health is null ? null : new Uri($"http://{health.LocalEndPoint}");
        LogStarting(_logger, HealthAddress ?? Address!);
    }

    private Socket? Take()
    {
        if (!ListenAddress.TryParse(_options.Listen ?? ListenAddress.Default, out var address) || address.EndPoint is null)
        {
            return null;
        }

        try
        {
            return address.Take();
        }
        catch (SocketException exception) when (_options.Listen is null && exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            LogNoPage(_logger, ListenAddress.Default);
            return null;
        }
        catch (SocketException exception)
        {
            throw Taken("Listen", _options.Listen, exception);
        }
    }

    private Socket? TakeHealth()
    {
        try
        {
            return ListenAddress.TryParse(_options.HealthListen, out var address) && address.EndPoint is not null ? address.Take() : null;
        }
        catch (SocketException exception)
        {
            throw Taken("HealthListen", _options.HealthListen, exception);
        }
    }

    private static WebOptionsInvalid Taken(string setting, string? address, SocketException exception) =>
        new([$"'Http:{setting}' is '{address}', and that cannot be listened on: {exception.Message}. Choose another address, or 'off'."]);

    [LoggerMessage(724, LogLevel.Information, "Starting. Until everything is there, health at {Address} says so, and nothing else is answered.")]
    private static partial void LogStarting(ILogger logger, Uri address);

    [LoggerMessage(723, LogLevel.Warning, "{Address} is taken, perhaps by another worker, so this one has no page. Set Http:Listen to another address, or to 'off'.")]
    private static partial void LogNoPage(ILogger logger, string address);
}
