using Npgsql;
using Projections.Migrations.Execution;
using Projections.Migrations.Files;
using Projections.Migrations.Parsing;
using Projections.Migrations.Running;
using Projections.Migrations.Tracking;

namespace Projections.Migrations.Copies;

/// <summary>A throw-away database with a service's schema as it is before its pending migrations.</summary>
internal sealed class SchemaCopy : IAsyncDisposable
{
    private readonly ThrowAwayDatabase _database;
    private readonly CopyPlan _plan;
    private readonly MigrationContext _context;
    private readonly TrackingTable _tracking;
    private readonly List<string> _notes;

    private SchemaCopy(ThrowAwayDatabase database, CopyPlan plan, MigrationOptions options)
    {
        _database = database;
        _plan = plan;
        _notes = [.. plan.Notes];
        _tracking = new TrackingTable(TrackingTable.SchemaOnCopies, "done", options.Service);
        _context = new MigrationContext(
            database.DataSource, options with { Backfills = options.Backfills with { Pause = TimeSpan.Zero } },
            new RunIdentity("a trial"), TimeProvider.System, new NullProgress());
    }

    public NpgsqlDataSource DataSource => _database.DataSource;

    /// <summary>What is not applied yet, in order.</summary>
    public IReadOnlyList<Migration> Pending => _plan.Pending;

    /// <summary>What is to be known about how it was made and what was not tried on it, for people.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <param name="options">The service.</param>
    /// <param name="copy">How the copy is made.</param>
    /// <param name="database">The connection string of the service's database; <c>null</c> when there is none at hand.</param>
    /// <param name="appliedTo">The last migration to take as applied; <c>null</c> to look into the database.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<SchemaCopy> CreateAsync(
        MigrationOptions options, CopyOptions copy, string? database, long? appliedTo, CancellationToken cancellationToken)
    {
        var plan = await CopyPlan.MakeAsync(options, copy, database, appliedTo, cancellationToken);
        return await CreateAsync(options, copy, plan, cancellationToken);
    }

    /// <param name="options">The service.</param>
    /// <param name="copy">How the copy is made.</param>
    /// <param name="plan">What is in it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<SchemaCopy> CreateAsync(
        MigrationOptions options, CopyOptions copy, CopyPlan plan, CancellationToken cancellationToken)
    {
        if (copy.Source == CopySource.Transaction)
        {
            throw new MigrationRefused([new Refusal("no-copy", "Only the safety check can do without a copy ('--copy transaction'). Name a server for the copy by --copy-server.")]);
        }

        var result = new SchemaCopy(await ThrowAwayDatabase.CreateAsync(plan.Server, cancellationToken), plan, options);
        try
        {
            await using (var connection = await result.DataSource.OpenConnectionAsync(cancellationToken))
            {
                await result._tracking.EnsureAsync(connection, cancellationToken);
            }

            await new SchemaCopyBuilder(result.DataSource, plan, copy).BuildAsync(result, cancellationToken);
            return result;
        }
        catch
        {
            await result.DisposeAsync();
            throw;
        }
    }

    /// <summary>The schema in which a migration runs; <c>null</c> for the service's own.</summary>
    public string? TenantOf(Migration migration) => migration.EachTenant ? _plan.Tenant : null;

    /// <summary>Puts made-up rows into every table that has none.</summary>
    /// <returns>The tables that stayed empty, with the reason.</returns>
    public async Task<IReadOnlyList<string>> FillAsync(CancellationToken cancellationToken)
    {
        await using var connection = await DataSource.OpenConnectionAsync(cancellationToken);
        return await new SampleRows(connection).FillAsync(cancellationToken);
    }

    /// <summary>Keeps something that is to be known about the copy.</summary>
    public void Note(string note)
    {
        if (!_notes.Contains(note))
        {
            _notes.Add(note);
        }
    }

    /// <summary>Runs a migration as the runner would, but for what reaches beyond the copy's database.</summary>
    /// <exception cref="MigrationFailed">A statement failed.</exception>
    public async Task RunAsync(Migration migration, Direction direction, CancellationToken cancellationToken)
    {
        TrackedMigration? tracked;
        await using (var connection = await DataSource.OpenConnectionAsync(cancellationToken))
        {
            tracked = (await _tracking.ReadAsync(connection, cancellationToken)).FirstOrDefault(row => row.Version == migration.Version);
        }

        await new MigrationStep(_context, OnInterrupted.Refuse)
            .RunAsync(WithoutServer(migration), direction, new MigrationTarget(TenantOf(migration), _tracking), tracked, cancellationToken);
    }

    private Migration WithoutServer(Migration migration) =>
        migration with { Up = WithoutServer(migration.Up), Down = migration.Down is null ? null : WithoutServer(migration.Down) };

    private MigrationFile WithoutServer(MigrationFile file)
    {
        foreach (var statement in file.Statements.Where(ServerStatement.Is))
        {
            Note($"{file.Path}:{statement.Line} was not tried, for it reaches beyond the copy: {statement.Summary}");
        }

        return file with { Statements = [.. file.Statements.Where(statement => !ServerStatement.Is(statement))] };
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
