using Npgsql;

namespace Projections.Catalog;

/// <summary>A table of what waits to be passed on, in order.</summary>
internal interface IOutbox<TItem>
{
    /// <summary>What it holds, for people: <c>announcements</c>.</summary>
    string Name { get; }

    /// <summary>A number that nothing else in the database uses: of all workers, one passes on what it holds.</summary>
    long Lock { get; }

    /// <summary>The channel on which something new is signalled.</summary>
    string Channel { get; }

    /// <summary>Whether anything may come into it at present; no session is held while nothing may.</summary>
    Task<bool> IsInUseAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    /// <summary>Reads the oldest that can be passed on, in order.</summary>
    Task<IReadOnlyList<TItem>> ReadAsync(NpgsqlConnection connection, int limit, CancellationToken cancellationToken);

    /// <summary>Notes that one was passed on, so that it is not read again.</summary>
    Task PassedOnAsync(NpgsqlConnection connection, TItem item, CancellationToken cancellationToken);
}

/// <summary>Passes on what waits in an outbox: over a bus, by mail, into a log. The core does not know where to.</summary>
internal interface IPublisher<in TItem>
{
    /// <summary>Passes one on and returns when it has certainly arrived where it is kept. Whatever it throws, it is kept in the outbox and passed on
    /// again; so it may arrive twice, with the same id.</summary>
    Task PublishAsync(TItem item, CancellationToken cancellationToken);
}
