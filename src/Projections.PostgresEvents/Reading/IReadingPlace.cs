using Npgsql;

namespace Projections.PostgresEvents.Reading;

/// <summary>Where one reading gets its sessions from, one for each range.</summary>
internal interface IReadingPlace
{
    /// <summary>How many positions a range has at first.</summary>
    int RangeSize { get; }

    ValueTask<ReadingSession> OpenAsync(CancellationToken cancellationToken);

    /// <summary>Events came.</summary>
    void HasRead();

    /// <summary>Whether the reading goes on, in a session of its own, after what went wrong in a range.</summary>
    bool Outlasts(Exception exception);
}

/// <summary>The server that the events are written to. What goes wrong there is for whoever asked.</summary>
internal sealed class PrimaryPlace(NpgsqlDataSource dataSource, int rangeSize) : IReadingPlace
{
    public int RangeSize => rangeSize;

    public async ValueTask<ReadingSession> OpenAsync(CancellationToken cancellationToken) => new(await dataSource.OpenConnectionAsync(cancellationToken));

    public void HasRead()
    {
    }

    public bool Outlasts(Exception exception) => false;
}
