using System.ComponentModel.DataAnnotations;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Projections.Bus.Commands;
using Projections.Bus.Publishing;
using Projections.Bus.Status;
using Projections.Contracts;
using Projections.Serving;

namespace Projections.Bus;

/// <summary>Opens the service's door to a message bus.</summary>
public static class ProjectionsBus
{
    /// <summary>
    /// Adds the consumers of commands and requests, and what publishes events. A <see cref="ProjectionSystem"/> must be among the
    /// services. The program starts and works also while the broker is away.
    /// </summary>
    /// <exception cref="BusOptionsInvalid">The section <c>Bus</c> is not as it should be.</exception>
    public static IServiceCollection AddProjectionsBus(this IServiceCollection services, IConfiguration configuration)
    {
        var options = Read(configuration);
        services.TryAddSingleton(provider => ServedDatabases.Of(provider.GetRequiredService<ProjectionSystem>()));
        services.AddReceiveEndpointObserver<BusLog>();
        services.AddReceiveObserver<BusLog>();
        services.AddMassTransit(bus =>
        {
            // It would report to its vendor.
            bus.DisableUsageTelemetry();
            CommandEndpoint.AddConsumers(bus);
            bus.AddConsumer<StatusConsumer>();
            if (options.Transport == BusTransport.RabbitMq)
            {
                bus.UsingRabbitMq((context, broker) => UseRabbitMq(context, broker, options));
            }
            else
            {
                bus.UsingInMemory((context, memory) =>
                {
                    LeaveOutCommonInterfaces(memory);
                    memory.ReceiveEndpoint(options.Queue, endpoint => CommandEndpoint.Configure(endpoint, context, options));
                    memory.ReceiveEndpoint(StatusQueue(options), endpoint => endpoint.ConfigureConsumer<StatusConsumer>(context));
                });
            }
        });
        services.PostConfigure<HealthCheckServiceOptions>(checks =>
        {
            // Work goes on while the broker is away.
            foreach (var check in checks.Registrations.Where(check => check.Name.StartsWith("masstransit", StringComparison.Ordinal)))
            {
                check.FailureStatus = HealthStatus.Degraded;
            }
        });
        services.AddHostedService<AnnouncementService>();
        if (options.Transport == BusTransport.RabbitMq)
        {
            // In the process itself nobody hears them: they wait for a broker, or for whoever reads the table.
            services.AddHostedService<ReactionService>();
            services.AddHostedService<FeedService>();
        }

        services.AddHostedService<ProgressService>();
        return services;
    }

    private static BusOptions Read(IConfiguration configuration)
    {
        var options = new BusOptions();
        try
        {
            configuration.GetSection(BusOptions.Section).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException exception)
        {
            throw new BusOptionsInvalid([exception.InnerException?.Message ?? exception.Message]);
        }

        var results = new List<System.ComponentModel.DataAnnotations.ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return results.Count == 0
            ? options
            : throw new BusOptionsInvalid([.. results.Select(result => $"'{BusOptions.Section}:{result.MemberNames.FirstOrDefault()}': {result.ErrorMessage}")]);
    }

    private static void UseRabbitMq(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator broker, BusOptions options)
    {
        var name = context.GetRequiredService<ServedDatabases>().Only?.Name ?? WorkerName.Create(Environment.MachineName, Environment.ProcessId, Guid.NewGuid());
        broker.Host(options.Address, name, host =>
        {
            host.Username(options.Username);
            host.Password(options.Password);
            host.OnRefreshConnectionFactory = factory => Admission.AskAsync(factory, options.Address.Host);
        });
        LeaveOutCommonInterfaces(broker);
        broker.ReceiveEndpoint(options.Queue, endpoint =>
        {
            // One worker of the fleet takes the commands, and another when it is gone: two of them would swap a rebuild and
            // the pause that was sent after it.
            endpoint.SingleActiveConsumer = true;
            CommandEndpoint.Configure(endpoint, context, options);
        });
        broker.ReceiveEndpoint(StatusQueue(options), endpoint => endpoint.ConfigureConsumer<StatusConsumer>(context));
    }

    private static string StatusQueue(BusOptions options) => $"{options.Queue}_status";

    /// <summary>Nobody is to subscribe to "any command"; without this, each would have an exchange of its own.</summary>
    private static void LeaveOutCommonInterfaces(IBusFactoryConfigurator bus)
    {
        bus.Publish<IProjectionCommand>(topology => topology.Exclude = true);
        bus.Publish<ISwitchingCommand>(topology => topology.Exclude = true);
        bus.Publish<IProjectionEvent>(topology => topology.Exclude = true);
        bus.Publish<IRecordedProjectionEvent>(topology => topology.Exclude = true);
    }
}
