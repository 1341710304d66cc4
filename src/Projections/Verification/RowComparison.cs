using Npgsql;
using Projections.Postgres;

namespace Projections.Verification;

/// <summary>
/// Compares the rows of two tables in one snapshot: a hash of each table, worked out by the database in one scan of it; where the two
/// differ, in another scan a hash for each chunk of rows, and then only the rows of the chunks whose hashes differ. What comes here
/// are the hashes and a few samples, however many rows there are.
/// </summary>
internal sealed class RowComparison(NpgsqlConnection connection, ComparisonPlan plan)
{
    /// <summary>How many rows are shown of each kind of difference.</summary>
    private const int SamplesPerKind = 3;

    private readonly ComparisonSql _sql = new(plan);

    /// <summary>Compares in the transaction that is open on the connection; both tables are seen as of its snapshot.</summary>
    public async Task<ComparisonResult> RunAsync(CancellationToken cancellationToken)
    {
        var earlier = await WholeAsync(plan.Earlier, cancellationToken);
        var later = await WholeAsync(plan.Later, cancellationToken);
        var kinds = earlier == later ? [] : await DifferencesAsync(await DifferingChunksAsync(cancellationToken), cancellationToken);
        return new ComparisonResult(earlier.Rows, later.Rows, kinds, plan.LeftOut);
    }

    /// <summary>The keys of the rows that differ, as text, a part a column.</summary>
    public async Task<IReadOnlyList<string[]>> DifferingKeysAsync(int atMost, CancellationToken cancellationToken)
    {
        var differing = await DifferingChunksAsync(cancellationToken);
        if (differing.Length == 0)
        {
            return [];
        }

        await using var command = Command(_sql.DifferingKeys, differing, atMost);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<string[]>();
        while (await row.ReadAsync(cancellationToken))
        {
            keys.Add(row.GetFieldValue<string[]>(0));
        }

        return keys;
    }

    private async Task<Chunk> WholeAsync(ComparedTable table, CancellationToken cancellationToken)
    {
        await using var command = Command(_sql.WholeHash(table));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new Chunk(row.GetInt64(0), row.GetInt64(1));
    }

    private async Task<long[]> DifferingChunksAsync(CancellationToken cancellationToken)
    {
        var earlier = await ChunksAsync(plan.Earlier, cancellationToken);
        var later = await ChunksAsync(plan.Later, cancellationToken);
        return [.. earlier.Keys.Union(later.Keys).Where(number => earlier.GetValueOrDefault(number) != later.GetValueOrDefault(number))];
    }

    private async Task<Dictionary<long, Chunk>> ChunksAsync(ComparedTable table, CancellationToken cancellationToken)
    {
        await using var command = Command(_sql.ChunkHashes(table));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var chunks = new Dictionary<long, Chunk>();
        while (await row.ReadAsync(cancellationToken))
        {
            chunks.Add(row.GetInt64(0), new Chunk(row.GetInt64(1), row.GetInt64(2)));
        }

        return chunks;
    }

    private async Task<IReadOnlyList<RowDifferences>> DifferencesAsync(long[] chunks, CancellationToken cancellationToken)
    {
        var kinds = new List<RowDifferences>();
        if (chunks.Length == 0)
        {
            return kinds;
        }

        await using var command = Command(_sql.Differences, chunks, SamplesPerKind);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var kind = Kind(row.GetString(0));
            var columns = row.GetFieldValue<string[]>(1);
            if (kinds.LastOrDefault() is not { } last || last.Kind != kind || !last.Columns.SequenceEqual(columns))
            {
                kinds.Add(new RowDifferences(kind, columns, row.GetInt64(2), []));
            }

            kinds[^1] = kinds[^1] with { Samples = [.. kinds[^1].Samples, Sample(row)] };
        }

        return kinds;
    }

    private RowSample Sample(NpgsqlDataReader row) => new(
        Named(row.GetFieldValue<string[]>(3), isKey: true)!, Named(row.GetNullable<string?[]>(4), isKey: false), Named(row.GetNullable<string?[]>(5), isKey: false));

    private Dictionary<string, string?>? Named(string?[]? values, bool isKey) => values is null
        ? null
        : plan.Columns.Where(column => column.IsKey == isKey).Zip(values).ToDictionary(pair => pair.First.Name, pair => pair.Second);

    private NpgsqlCommand Command(string sql, params object[] parameters)
    {
        // A scan takes as long as it takes; who has lost patience cancels it.
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return command;
    }

    private static DifferenceKind Kind(string kind) => kind switch
    {
        "earlier" => DifferenceKind.OnlyEarlier,
        "later" => DifferenceKind.OnlyLater,
        _ => DifferenceKind.Values,
    };

    private readonly record struct Chunk(long Rows, long Hash);
}
