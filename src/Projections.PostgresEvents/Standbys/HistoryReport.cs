namespace Projections.PostgresEvents.Standbys;

/// <summary>What people are told of where history is read. Written by whoever reads.</summary>
internal sealed class HistoryReport
{
    private volatile string? _text;

    /// <summary>In the words of a sentence's middle; <c>null</c> when nothing was read yet.</summary>
    public string? Text
    {
        get => _text;
        set => _text = value;
    }
}
