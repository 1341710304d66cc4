using Npgsql;

namespace Projections.Tests.Catalog;

/// <summary>Sessions of a database, the next of which fails with what a test says.</summary>
internal sealed class FailingSessions : IAsyncDisposable
{
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _failing;

    public FailingSessions(string connection, Exception fault)
    {
        // Not pooled, so that each use of the data source comes through here.
        var builder = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(connection) { Pooling = false }.ConnectionString);
        builder.UsePhysicalConnectionInitializer(
            _ => throw new NotSupportedException(),
            _ =>
            {
                if (Interlocked.Exchange(ref _failing, 0) == 0)
                {
                    return Task.CompletedTask;
                }

                _failed.SetResult();
                return Task.FromException(fault);
            });
        DataSource = builder.Build();
    }

    public NpgsqlDataSource DataSource { get; }

    /// <summary>Completes when one has failed.</summary>
    public Task Failed => _failed.Task;

    public void FailNext() => Interlocked.Exchange(ref _failing, 1);

    public ValueTask DisposeAsync() => DataSource.DisposeAsync();
}
