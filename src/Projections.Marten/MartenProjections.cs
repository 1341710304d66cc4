using Marten;
using Microsoft.Extensions.DependencyInjection;
using Projections.Hosting;
using Projections.PostgresEvents.Standbys;

namespace Projections.Marten;

/// <summary>Makes a host that has a Marten store a worker that reads this store.</summary>
public static class MartenProjections
{
    /// <summary>
    /// Adds a worker that reads the host's Marten store: where the events are, what they are named, how their JSON is written and which old shapes become which is what
    /// its <see cref="StoreOptions"/> say. Versions take their event types: <c>class OrdersV1(EventTypes types) : TableProjection&lt;…&gt;("orders", 1, types)</c>.
    /// </summary>
    /// <example><code>
    /// builder.Services.AddMarten(…);
    /// builder.Services.AddProjectionsFromMarten().AddVersionsFrom(typeof(OrdersV1).Assembly);
    /// </code></example>
    /// <param name="services">The host's services.</param>
    /// <param name="find">Finds the store, where it is not the <see cref="IDocumentStore"/> that <c>AddMarten</c> adds.</param>
    /// <param name="standby">Finds the streaming standby of the store's server from which history is read; it is read from the store's own where <c>null</c>.</param>
    public static ProjectionsBuilder AddProjectionsFromMarten(
        this IServiceCollection services, Func<IServiceProvider, IDocumentStore>? find = null, Func<IServiceProvider, StandbyOptions>? standby = null)
    {
        find ??= provider => provider.GetRequiredService<IDocumentStore>();
        return services.AddProjections()
            .UseEventTypes(provider => MartenEventTypes.Of(find(provider).Options))
            .AddEvents(provider => (_, _, stop) => MartenEvents.OpenAsync(find(provider), standby?.Invoke(provider), stop));
    }

    /// <inheritdoc cref="AddProjectionsFromMarten(IServiceCollection, Func{IServiceProvider, IDocumentStore}?, Func{IServiceProvider, StandbyOptions}?)"/>
    /// <param name="store">The store. It is closed by whoever opened it.</param>
    public static ProjectionsBuilder AddProjectionsFromMarten(this IServiceCollection services, IDocumentStore store) => services.AddProjectionsFromMarten(_ => store);
}
