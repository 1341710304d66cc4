using System.Text.Json;
using Npgsql;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Definitions;

/// <summary>Stops at a poison event or sets it aside, as the version says.</summary>
internal sealed class PoisonHandling(VersionId version, PoisonPolicy policy)
{
    private readonly List<SetAsideEvent> _setAside = [];

    public IReadOnlyList<SetAsideEvent> SetAside => _setAside;

    /// <summary>About how much memory the events set aside take.</summary>
    public long Bytes { get; private set; }

    /// <exception cref="PoisonEvent">The version does not set events aside.</exception>
    public void Handle(in RecordedEvent recorded, PoisonStage stage, Exception error)
    {
        if (policy == PoisonPolicy.Stop)
        {
            throw new PoisonEvent(version, recorded.Position, recorded.Stream.Text, recorded.Type, stage, Words(error), error);
        }

        _setAside.Add(SetAsideEvent.Of(recorded, stage, Words(error)));
        Bytes += 512 + recorded.Data.Length + recorded.Metadata.Length;
    }

    /// <summary>Puts them in order; statements that are run after the next events were decoded leave them out of order.</summary>
    public void SortByPosition() => _setAside.Sort((left, right) => left.Position.CompareTo(right.Position));

    public void Clear()
    {
        _setAside.Clear();
        Bytes = 0;
    }

    // The type's name says much of what a handler threw, and nothing of our own exceptions.
    private static string Words(Exception error) => error switch
    {
        RowConflict or UnstorableValue or JsonException => error.Message,
        PostgresException failed => failed.Words,
        _ => $"{error.GetType().Name}: {error.Message}",
    };
}
