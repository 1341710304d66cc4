using System.Collections.Concurrent;
using System.Diagnostics;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>What the programs of this process send to one database, a round trip a piece, as the driver traces it.</summary>
internal sealed class SentStatements : IDisposable
{
    private readonly string _database;
    private readonly ActivityListener _listener;
    private readonly ConcurrentQueue<string> _sent = new();
    private readonly ConcurrentDictionary<TaskCompletionSource, Func<string, bool>> _awaited = new();

    public SentStatements(string database)
    {
        _database = database;
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = Note,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>How many round trips so far had a statement with this in it.</summary>
    public int Count(string part) => _sent.Count(text => text.Contains(part, StringComparison.Ordinal));

    /// <summary>Completes when the next such round trip is over.</summary>
    public async Task NextAsync(Func<string, bool> isIt)
    {
        var awaited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _awaited[awaited] = isIt;
        try
        {
            await awaited.Task.WaitAsync(Deadline.Generous);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"No such statement was sent, but: {string.Join('\n', _sent)}");
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Note(Activity activity)
    {
        if ((string?)activity.GetTagItem("db.namespace") != _database || activity.GetTagItem("db.query.text") is not string text)
        {
            return;
        }

        _sent.Enqueue(text);
        foreach (var (awaited, isIt) in _awaited)
        {
            if (isIt(text) && _awaited.TryRemove(awaited, out _))
            {
                awaited.SetResult();
            }
        }
    }
}
