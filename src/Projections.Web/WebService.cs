using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Projections.Catalog;
using Projections.Commands;
using Projections.Serving;
using Projections.Web.Endpoints;
using Projections.Web.Health;
using Projections.Web.Live;
using Projections.Web.Page;
using Projections.Web.Security;

namespace Projections.Web;

/// <summary>The door over HTTP: the API, the page, and what containers ask.</summary>
public static class WebService
{
    /// <summary>Somebody waits for an answer.</summary>
    private static readonly TimeSpan ProviderPatience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Opens the door as long as the host runs, on an address of its own. The page, the API and the health checks are there; the checks that the
    /// host has beside ours, too.
    /// </summary>
    /// <param name="services">The host's services, with a <see cref="ProjectionSystem"/> among them.</param>
    /// <param name="options">How it is reached.</param>
    /// <exception cref="WebOptionsInvalid">The options contradict each other.</exception>
    public static IServiceCollection AddProjectionsWeb(this IServiceCollection services, WebOptions options)
    {
        if (options.FindErrors().ToList() is { Count: > 0 } errors)
        {
            throw new WebOptionsInvalid(errors);
        }

        HealthEndpoints.AddTo(services);
        services.TryAddSingleton(provider => ServedDatabases.Of(provider.GetRequiredService<ProjectionSystem>()));
        services.AddSingleton(provider => new WebDoor(provider.GetRequiredService<ServedDatabases>(), provider, options));
        // Before what opens the system: that may wait for databases, and health is asked for meanwhile.
        services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(provider => provider.GetRequiredService<WebDoor>()));
        return services;
    }

    /// <summary>Adds what the door needs.</summary>
    /// <param name="builder">The program.</param>
    /// <param name="options">How it is reached; without errors (<see cref="WebOptions.FindErrors"/>).</param>
    /// <param name="socket">The address that was taken for it (<see cref="ListenAddress.Take"/>), if any.</param>
    /// <param name="health">The address that was taken for health alone, if any.</param>
    internal static void AddProjectionsWeb(this WebApplicationBuilder builder, WebOptions options, Socket? socket, Socket? health)
    {
        builder.WebHost.UseKestrelCore();
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = at => at.Equals(socket?.LocalEndPoint) ? socket! : health!);
        builder.Services.Configure<KestrelServerOptions>(kestrel => Configure(kestrel, options, socket?.LocalEndPoint, health?.LocalEndPoint));
        builder.Services.AddSingleton(options);
        builder.Services.AddRouting();
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<ProblemOfException>();
        builder.Services.AddRateLimiter(limits => RequestLimits.Configure(limits, options));
        builder.Services.AddSingleton<KeyRing>();
        builder.Services.AddSingleton<FailedSignIns>();
        builder.Services.AddSingleton(_ => new ProviderTokens(options, new HttpClient { Timeout = ProviderPatience }));
        // Not AddAuthentication: it brings data protection along, which writes keys that nothing here uses to the home folder.
        builder.Services.AddAuthenticationCore(authentication => authentication.DefaultScheme = CallerAuthentication.SchemeName);
        builder.Services.AddWebEncoders();
        new AuthenticationBuilder(builder.Services)
            .AddScheme<AuthenticationSchemeOptions, CallerAuthentication>(CallerAuthentication.SchemeName, null);
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(CallerAuthentication.Readers, policy => policy.RequireRole(CallerAuthentication.Readers))
            .AddPolicy(CallerAuthentication.Operators, policy => policy.RequireRole(CallerAuthentication.Readers).RequireAssertion(MayCommand));
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            ReportJson.Configure(json.SerializerOptions);
            // A misspelt option would otherwise be a command that does something else.
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        });
        builder.Services.AddSingleton<StatusFeeds>();
        builder.Services.AddHostedService(services => services.GetRequiredService<StatusFeeds>());
        OpenApiDocument.AddTo(builder.Services);
        builder.Services.AddHealthChecks();
    }

    /// <summary>Opens the door.</summary>
    /// <param name="app">The program.</param>
    /// <param name="health">The address at which there is health and nothing else, if any.</param>
    internal static void UseProjectionsWeb(this WebApplication app, IPEndPoint? health)
    {
        app.UseWhen(
            context => context.Connection.LocalPort == health?.Port && !context.Request.Path.StartsWithSegments(HealthEndpoints.Prefix, StringComparison.Ordinal),
            elsewhere => elsewhere.Run(context =>
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            }));
        app.UseMiddleware<SecurityHeaders>();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseMiddleware<CrossSiteGuard>();
        app.UseRouting();
        app.UseMiddleware<StartingGuard>();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();

        PageFiles.Map(app);
        HealthEndpoints.Map(app);
        OpenApiDocument.Map(app);
        var readers = app.MapGroup("").RequireAuthorization(CallerAuthentication.Readers)
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status429TooManyRequests);
        About.Map(readers);
        DatabaseEndpoints.Map(readers);
        ProjectionEndpoints.Map(readers);
        HistoryEndpoints.Map(readers);
        CheckEndpoints.Map(readers);
        VerificationEndpoints.Map(readers);
        WaitEndpoints.Map(readers);
        ProgressEndpoints.Map(readers);
        var operators = app.MapGroup("").RequireAuthorization(CallerAuthentication.Operators)
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity).ProducesProblem(StatusCodes.Status429TooManyRequests);
        CommandEndpoints.Map(operators);
        FeedEndpoints.Map(operators);
    }

    private static bool MayCommand(AuthorizationHandlerContext asked) =>
        asked is { User.Identity: CallerIdentity caller, Resource: HttpContext request }
        && request.GetEndpoint()?.Metadata.GetMetadata<VerbAttribute>() is { } verb
        && caller.May(verb.Name, request.GetRouteValue("name") as string ?? "");

    private static void Configure(KestrelServerOptions kestrel, WebOptions options, EndPoint? address, EndPoint? health)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxRequestBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.KeepAliveTimeout = options.IdleTimeout;
        if (address is not null)
        {
            Listen(kestrel, options, address, options.CertificateFile);
        }

        if (health is not null)
        {
            Listen(kestrel, options, health, certificate: null);
        }
    }

    private static void Listen(KestrelServerOptions kestrel, WebOptions options, EndPoint address, string? certificate) => kestrel.Listen(address, listen =>
    {
        listen.Use(new ConnectionLimits(options.MaxConnections, options.MaxConnectionsOfOneMachine).Around);
        if (certificate is not null)
        {
            listen.UseHttps(X509Certificate2.CreateFromPemFile(certificate, options.CertificateKeyFile));
        }
    });
}
