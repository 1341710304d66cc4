using Npgsql;
using Projections.Migrations.Copies;
using Projections.Migrations.Execution;
using Projections.Migrations.Files;
using Projections.Migrations.Schemas;
using Projections.Postgres;

namespace Projections.Migrations.RoundTrip;

/// <summary>
/// Proves on a throw-away copy that migrations can be taken back: each one goes up, down and up again, and the whole schema
/// is compared before and after. A repeatable one goes up twice.
/// </summary>
/// <param name="options">The service.</param>
/// <param name="copyOptions">How the copy is made.</param>
public sealed class RoundTripCheck(MigrationOptions options, CopyOptions copyOptions)
{
    /// <param name="database">The connection string of the service's database; <c>null</c> to begin with an empty one.</param>
    /// <param name="appliedTo">The last migration to take as applied; <c>null</c> to look into the database.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<RoundTripReport> RunAsync(string? database, long? appliedTo, CancellationToken cancellationToken)
    {
        await using var copy = await SchemaCopy.CreateAsync(options, copyOptions, database, appliedTo, cancellationToken);
        var results = new List<RoundTripResult>();
        IReadOnlyList<string> notes = [];
        foreach (var migration in copy.Pending)
        {
            notes = await copy.FillAsync(cancellationToken);
            results.Add(await TryAsync(copy, migration, cancellationToken));
            if (results[^1].Failure is not null)
            {
                break;
            }
        }

        return new RoundTripReport(results, [.. copy.Notes, .. notes]);
    }

    private async Task<RoundTripResult> TryAsync(SchemaCopy copy, Migration migration, CancellationToken cancellationToken)
    {
        var result = new RoundTripResult(migration, migration.Down?.FrontMatter.Irreversible, null, [], [], [], []);
        try
        {
            var (before, rowsBefore) = await ReadAsync(copy, cancellationToken);
            await RunAsync(copy, migration, Direction.Up, cancellationToken);
            if (result.Irreversible is not null)
            {
                return result;
            }

            var (up, _) = await ReadAsync(copy, cancellationToken);
            if (!migration.IsRepeatable)
            {
                await RunAsync(copy, migration, Direction.Down, cancellationToken);
                var (down, rowsDown) = await ReadAsync(copy, cancellationToken);
                result = result with
                {
                    AfterDown = SchemaDifference.Between(before, down),
                    ChangedTables = RowDigests.Changed(rowsBefore.Tables, rowsDown.Tables),
                    MovedSequences = RowDigests.Changed(rowsBefore.Sequences, rowsDown.Sequences),
                };
            }

            await RunAsync(copy, migration, Direction.Up, cancellationToken);
            var (again, _) = await ReadAsync(copy, cancellationToken);
            return result with { AfterSecondUp = SchemaDifference.Between(up, again) };
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return result with { Failure = failure };
        }
    }

    // Made-up rows prove nothing against a constraint, or a conversion: they are taken away, as the safety check does it.
    private async Task RunAsync(SchemaCopy copy, Migration migration, Direction direction, CancellationToken cancellationToken)
    {
        var emptied = new HashSet<string>();
        while (true)
        {
            try
            {
                await copy.RunAsync(migration, direction, cancellationToken);
                return;
            }
            catch (MigrationFailed failed) when (
                copyOptions.SampleFile is null && TableOf(failed) is { } table && emptied.Add(table))
            {
                await using var connection = await copy.DataSource.OpenConnectionAsync(cancellationToken);
                await connection.ExecuteLongAsync($"TRUNCATE {table} CASCADE", cancellationToken);
            }
        }
    }

    // The table whose rows a statement failed by; of values that cannot be converted the server does not say whose they are.
    private static string? TableOf(MigrationFailed failed) => failed.InnerException switch
    {
        PostgresException { IsAboutConstraints: true, TableName: { } table, SchemaName: { } schema } => SqlName.Quote(schema, table),
        PostgresException { IsAboutData: true } => failed.File.FrontMatter.Table,
        _ => null,
    };

    private static async Task<(IReadOnlyList<SchemaLine> Schema, RowDigests Rows)> ReadAsync(
        SchemaCopy copy, CancellationToken cancellationToken)
    {
        await using var connection = await copy.DataSource.OpenConnectionAsync(cancellationToken);
        return (await SchemaDump.ReadAsync(connection, cancellationToken), await RowDigests.ReadAsync(connection, cancellationToken));
    }
}
