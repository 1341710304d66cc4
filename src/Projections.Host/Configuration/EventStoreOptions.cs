using Projections.PostgresEvents;

namespace Projections.Host.Configuration;

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
