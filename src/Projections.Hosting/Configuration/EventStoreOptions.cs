using System.ComponentModel.DataAnnotations;
using Projections.EventStoreDb;
using Projections.PostgresEvents;
using Projections.PostgresEvents.Standbys;

namespace Projections.Hosting.Configuration;

/// <summary>Where the events are, beside the connection string.</summary>
internal sealed class EventStoreOptions
{
    /// <summary>Whose tables hold the events. The default is Marten's.</summary>
    public EventStoreKind Kind { get; set; } = EventStoreKind.Marten;

    /// <summary>The schema of the event table. The default is the store's own: <c>public</c>, for message-db <c>message_store</c>.</summary>
    public string? Schema { get; set; }

    /// <summary>How long a missing number is waited for although no running transaction can hold it. The default is the store's
    /// own: three seconds for Marten, none for the others.</summary>
    public TimeSpan? GraceTime { get; set; }

    /// <summary>What becomes of a replay while the standby that <c>ConnectionStrings:EventsReplay</c> names is away, promoted or behind: it waits, or after
    /// <c>Events:StandbyPatience</c> the primary server takes over. The default is to wait, so that the primary is not asked for what it was to be spared.</summary>
    public StandbyAbsence WhenStandbyIsAway { get; set; } = StandbyAbsence.Wait;

    /// <summary>How long the standby is waited for before the primary takes over, where it may, and how long after that it is tried again. The default is 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan StandbyPatience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>EventStoreDB: the store's name in the catalog, where there are several stores. The default is none.</summary>
    public string? StoreName { get; set; }

    /// <summary>EventStoreDB: the one stream that is read, in place of the whole log.</summary>
    public string? Stream { get; set; }

    /// <summary>EventStoreDB: the category whose stream <c>$ce-…</c> is read, in place of the whole log.</summary>
    public string? Category { get; set; }

    /// <summary>EventStoreDB: whether a stream called <c>category-uuid</c> is known to projections by its UUID. The default is no.</summary>
    public bool StreamsAreUuids { get; set; }

    /// <summary>EventStoreDB: the member of events' metadata that names the tenant. The default is none.</summary>
    public string? TenantMetadata { get; set; }

    /// <summary>How these settings have an EventStoreDB read.</summary>
    public EventStoreDbSourceOptions ToEventStoreDb() => new()
    {
        Target = Stream is { } stream ? LogTarget.OfStream(stream) : Category is { } category ? LogTarget.OfCategory(category) : LogTarget.All,
        StoreName = StoreName,
        StreamsAreUuids = StreamsAreUuids,
        TenantMetadata = TenantMetadata,
    };

    /// <summary>The event table that these settings mean.</summary>
    public EventTableMapping ToMapping()
    {
        var mapping = Kind switch
        {
            EventStoreKind.Emmett => EventTableMapping.Emmett(),
            EventStoreKind.MessageDb => EventTableMapping.MessageDb(),
            _ => EventTableMapping.Marten(),
        };
        return mapping with { Schema = Schema ?? mapping.Schema, GraceTime = GraceTime ?? mapping.GraceTime };
    }
}
