namespace Projections.Web.Health;

/// <summary>
/// Whether the worker behind the door is still starting: its databases may not be there yet. Whoever asks for health is told so, and everybody
/// else to come again.
/// </summary>
internal sealed class StartingState
{
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsOver => _over.Task.IsCompleted;

    /// <summary>Completes when the worker has started.</summary>
    public Task Over => _over.Task;

    public void End() => _over.TrySetResult();
}
