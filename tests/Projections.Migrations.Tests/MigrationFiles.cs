using Projections.Migrations.Running;
using Projections.Testing;

namespace Projections.Migrations.Tests;

/// <summary>A folder of migration files for one test.</summary>
internal sealed class MigrationFiles : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("migrations_").FullName;

    public MigrationFiles With(string name, string content)
    {
        File.WriteAllText(PathOf(name), content);
        return this;
    }

    /// <summary>Adds both files of a migration.</summary>
    public MigrationFiles With(string id, string up, string down) => With($"{id}.up.sql", up).With($"{id}.down.sql", down);

    public MigrationFiles WithBytes(string name, byte[] content)
    {
        File.WriteAllBytes(PathOf(name), content);
        return this;
    }

    /// <summary>Makes a database by a first migration, <c>000_before</c>, as any copy of it can be made again.</summary>
    public async Task MakeAsync(TestDatabase database, string sql)
    {
        With("000_before", sql, "-- irreversible: it was there before");
        var report = await new MigrationRunner(database.DataSource, Options).UpAsync(new UpRequest { To = 0 }, CancellationToken.None);
        report.ThrowIfFailed();
    }

    public void Remove(string id)
    {
        foreach (var file in Directory.EnumerateFiles(Folder, $"{id}.*"))
        {
            File.Delete(file);
        }
    }

    public string PathOf(string name) => Path.Combine(Folder, name);

    public MigrationOptions Options => new()
    {
        Folder = Folder,
        Service = "billing",
        FirstRetryPause = TimeSpan.FromMilliseconds(20),
        LongestRetryPause = TimeSpan.FromMilliseconds(200),
    };

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
