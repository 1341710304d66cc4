using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Projections.EventStoreDb;

/// <summary>How an EventStoreDB or KurrentDB is read.</summary>
public sealed record EventStoreDbSourceOptions
{
    /// <summary>What is read. Default the whole log.</summary>
    public LogTarget Target { get; init; } = LogTarget.All;

    /// <summary>
    /// The store's name in the catalog, which refuses to go on with a projection of a store of another name. Default none; give
    /// each store one where there are several.
    /// </summary>
    public string? StoreName { get; init; }

    /// <summary>Whether a stream that is called <c>category-uuid</c>, or by a UUID alone, is given to projections as its UUID. Default no.</summary>
    public bool StreamsAreUuids { get; init; }

    /// <summary>The member of events' metadata that names the tenant, such as <c>tenantId</c>. Default none.</summary>
    public string? TenantMetadata { get; init; }

    /// <summary>How many events a batch has at most. Default 4096.</summary>
    public int BatchEvents { get; init; } = 4096;

    /// <summary>How many bytes a batch has at most, unless one event is larger. Default 2 MiB.</summary>
    public int BatchBytes { get; init; } = 2 << 20;

    /// <summary>
    /// How often a call is repeated, without anything having been read in between, before the source counts as unavailable. Default 5.
    /// </summary>
    public int Retries { get; init; } = 5;

    /// <summary>The pause before the first repetition; it doubles up to two seconds, and is shortened at random by up to half. Default 50 ms.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a filtered read may bring nothing before the server is asked how far it has searched. Default 2 seconds.</summary>
    public TimeSpan SearchPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>What the database is called whose events are read, for what is measured, where a program serves several. Default none.</summary>
    public string? Database { get; init; }

    /// <summary>Where interruptions are told. Default nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Where time comes from. Default the system's clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where chance comes from: which of several nodes is chosen, and how long a pause is. Default <see cref="Random.Shared"/>.</summary>
    public Random Random { get; init; } = Random.Shared;
}
