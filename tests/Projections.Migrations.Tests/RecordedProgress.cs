using System.Collections.Concurrent;
using Projections.Migrations.Execution;

namespace Projections.Migrations.Tests;

/// <summary>Keeps what a run reported, and lets a test wait for, or act on, a report.</summary>
internal sealed class RecordedProgress : IProgress<MigrationProgress>
{
    public ConcurrentQueue<MigrationProgress> Reports { get; } = new();

    public Action<MigrationProgress>? OnReport { get; set; }

    public void Report(MigrationProgress value)
    {
        Reports.Enqueue(value);
        OnReport?.Invoke(value);
    }

    public int Count<T>()
        where T : MigrationProgress => Reports.OfType<T>().Count();
}
