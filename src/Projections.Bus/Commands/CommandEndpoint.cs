using MassTransit;

namespace Projections.Bus.Commands;

/// <summary>The queue of commands: those of one projection are carried out one after the other, in the order of their arrival.</summary>
internal static class CommandEndpoint
{
    public static void AddConsumers(IBusRegistrationConfigurator bus)
    {
        foreach (var message in CommandMessages.All)
        {
            message.AddConsumer(bus);
        }
    }

    public static void Configure(IReceiveEndpointConfigurator endpoint, IBusRegistrationContext context, BusOptions options)
    {
        endpoint.ConcurrentMessageLimit = options.ConcurrentCommands;
        var partitioner = endpoint.CreatePartitioner(options.ConcurrentCommands);
        foreach (var message in CommandMessages.All)
        {
            message.Configure(endpoint, context, partitioner);
        }
    }
}
