namespace JasperFx.Events;

/// <summary>The members of Marten's envelope that aggregates ask for, under its name.</summary>
public interface IEvent
{
    Guid Id { get; set; }

    long Version { get; set; }

    long Sequence { get; set; }

    object Data { get; }

    DateTimeOffset Timestamp { get; set; }

    object? GetHeader(string key);
}

public interface IEvent<out T> : IEvent
    where T : notnull
{
    new T Data { get; }
}
