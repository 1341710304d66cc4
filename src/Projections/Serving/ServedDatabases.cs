using Projections.Commands;

namespace Projections.Serving;

/// <summary>
/// The databases that a program serves, each a pair of events and read models: one without a name, or any number of them, which come and go while it runs.
/// </summary>
internal sealed class ServedDatabases
{
    /// <summary>Enough for a person to see what names look like.</summary>
    private const int MostNamed = 10;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, ServedDatabase> _all = new(StringComparer.Ordinal);
    private readonly ServedDatabase? _only;
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>For any number, none of them at first.</summary>
    public ServedDatabases()
    {
    }

    private ServedDatabases(ServedDatabase only) => _only = only;

    /// <summary>Whether they have names, so that a command has to say which is meant.</summary>
    public bool HaveNames => _only is null;

    /// <summary>The system of the one that has no name; <c>null</c> where they have names.</summary>
    public ProjectionSystem? Only => _only?.System;

    /// <summary>All of them by name, open or not.</summary>
    public IReadOnlyList<ServedDatabase> All
    {
        get
        {
            lock (_lock)
            {
                return _only is { } only ? [only] : [.. _all.Values];
            }
        }
    }

    /// <summary>Why the list of them cannot be read at present; <c>null</c> when it can.</summary>
    public string? ListTrouble { get; set; }

    /// <summary>Completes when the next one comes, opens, closes or goes.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>The one database of a program.</summary>
    public static ServedDatabases Of(ProjectionSystem system, Func<IReadOnlyList<string>>? troubles = null)
    {
        var only = new ServedDatabase(null);
        only.Open(system, troubles ?? (() => []));
        return new ServedDatabases(only);
    }

    public ServedDatabase Add(string name)
    {
        var added = new ServedDatabase(name);
        lock (_lock)
        {
            _all.Add(name, added);
        }

        Signal();
        return added;
    }

    public void Remove(ServedDatabase database)
    {
        lock (_lock)
        {
            _all.Remove(database.Name!);
        }

        Signal();
    }

    /// <summary>Tells that one of them has opened or closed.</summary>
    public void Signal() => Interlocked.Exchange(ref _changed, NewSignal()).SetResult();

    /// <summary>The system of the database that somebody means.</summary>
    /// <param name="name">Its name; <c>null</c> or empty where none was given.</param>
    /// <exception cref="OperationRefused">There is none of that name, or none was given and there are several.</exception>
    /// <exception cref="DatabaseNotOpen">It cannot be worked on at present.</exception>
    public ProjectionSystem SystemOf(string? name)
    {
        var database = Find(string.IsNullOrEmpty(name) ? null : name);
        return database.System ?? throw new DatabaseNotOpen(database.Name!, database.Obstacle);
    }

    /// <summary>How they are, told in one line: how many are as they should be, and which need a look.</summary>
    public DatabasesSummary Summarize() => DatabasesSummary.Of(All, ListTrouble);

    /// <summary>Runs something for each database for as long as it is open; those that come later, too.</summary>
    public async Task ForEachAsync(Func<ProjectionSystem, CancellationToken, Task> run, CancellationToken stop)
    {
        var running = new Dictionary<ProjectionSystem, Task>();
        while (!stop.IsCancellationRequested)
        {
            var changed = Changed;
            foreach (var ended in running.Where(one => one.Value.IsCompleted).Select(one => one.Key).ToList())
            {
                // Where it has failed, whoever waits for all is told.
                var task = running[ended];
                running.Remove(ended);
                if (task.IsFaulted)
                {
                    await task;
                }
            }

            foreach (var database in All.Where(database => database.System is { } system && !running.ContainsKey(system)))
            {
                if (database.TryRunBeside(run, stop) is var (system, task))
                {
                    running[system] = task;
                }
            }

            await Task.WhenAny([changed.WaitAsync(stop), .. running.Values.Where(task => !task.IsCompleted)]);
        }

        await Task.WhenAll(running.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private ServedDatabase Find(string? name)
    {
        if (_only is { } only)
        {
            return name is null ? only : throw new OperationRefused($"This program serves one database, which has no name; '{Shown(name)}' is none. Leave the database out.", isMistake: true);
        }

        lock (_lock)
        {
            return name is null ? throw new OperationRefused($"Say which database is meant: {Names()}.", isMistake: true)
                : _all.TryGetValue(name, out var found) ? found
                : throw new OperationRefused($"There is no database '{Shown(name)}' here. There are: {Names()}.", isMistake: true);
        }
    }

    private string Names() => _all.Count == 0 ? "none at present"
        : string.Join(", ", _all.Keys.Take(MostNamed)) + (_all.Count > MostNamed ? $" and {_all.Count - MostNamed} more" : "");

    private static string Shown(string name) => DatabaseName.IsValid(name) ? name : "(no database's name)";

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
