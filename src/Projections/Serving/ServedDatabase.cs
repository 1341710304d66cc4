namespace Projections.Serving;

/// <summary>One of the databases that a program serves: open with its system, or not, with what keeps it from being open.</summary>
/// <param name="name">How it is called; <c>null</c> where a program has only this one, and no name for it.</param>
internal sealed class ServedDatabase(string? name) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Task> _beside = [];
    private CancellationTokenSource? _closing;
    private Func<IReadOnlyList<string>> _troubles = () => [];

    public string? Name { get; } = name;

    /// <summary>What works on it; <c>null</c> while it is not open.</summary>
    public ProjectionSystem? System { get; private set; }

    /// <summary>Why it is not open, or that it is being opened.</summary>
    public string? Obstacle { get; private set; } = "It is being opened.";

    /// <summary>Whether there was an attempt to open it, that has failed.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>What somebody should look at; empty where all is as it should be.</summary>
    public IReadOnlyList<string> Troubles => System is null ? [Obstacle!] : _troubles();

    /// <summary>It is open from now on.</summary>
    /// <param name="system">Its system.</param>
    /// <param name="troubles">What keeps its worker from going on.</param>
    public void Open(ProjectionSystem system, Func<IReadOnlyList<string>> troubles)
    {
        lock (_lock)
        {
            _closing = new CancellationTokenSource();
            (System, _troubles, Obstacle, IsBroken) = (system, troubles, null, false);
        }
    }

    /// <summary>It cannot be opened, or is open no longer.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Break(string obstacle)
    {
        var isNews = !IsBroken || Obstacle != obstacle;
        (Obstacle, IsBroken) = (obstacle, true);
        return isNews;
    }

    /// <summary>Ends what goes on beside its worker, before its system is closed.</summary>
    public async Task CloseAsync()
    {
        Task[] beside;
        CancellationTokenSource? closing;
        lock (_lock)
        {
            (closing, _closing, System) = (_closing, null, null);
            Obstacle ??= "It is being closed.";
            beside = [.. _beside];
            _beside.Clear();
        }

        if (closing is not null)
        {
            await closing.CancelAsync();
            await Task.WhenAll(beside).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            closing.Dispose();
        }
    }

    public ValueTask DisposeAsync() => new(CloseAsync());

    /// <summary>Runs something beside its worker for as long as it is open.</summary>
    /// <param name="run">What is run; it is awaited before the system is closed.</param>
    /// <param name="stop">Ends it earlier.</param>
    /// <returns><c>null</c> when it is not open.</returns>
    public (ProjectionSystem System, Task Running)? TryRunBeside(Func<ProjectionSystem, CancellationToken, Task> run, CancellationToken stop)
    {
        lock (_lock)
        {
            if (System is not { } system || _closing is null)
            {
                return null;
            }

            var running = RunAsync(system, CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, stop));
            _beside.RemoveAll(task => task.IsCompleted);
            _beside.Add(running);
            return (system, running);
        }

        async Task RunAsync(ProjectionSystem system, CancellationTokenSource either)
        {
            using (either)
            {
                await Task.Yield();
                await run(system, either.Token);
            }
        }
    }
}
