using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;
using Projections.Postgres;
using Projections.Tables;

namespace Projections.Verification;

/// <summary>
/// Compares the rows of two tables, a range of keys at a time: a hash of each table's rows, worked out by the database; where the two differ, a large range is
/// divided, and the rows of a small one are looked at one by one, by a join in the database. What comes here are the hashes and a few samples, however many
/// rows there are.
/// </summary>
internal sealed class RowComparison(NpgsqlConnection connection, ComparisonPlan plan, ComparisonPace pace)
{
    /// <summary>How many rows are shown of each kind of difference.</summary>
    public const int SamplesPerKind = 3;

    /// <summary>How many rows are looked at once more at a time.</summary>
    private const int MostSuspects = 1_000;

    private readonly ComparisonSql _sql = new(plan);
    private Suspects? _suspects;
    private bool _takesAsSeen;

    /// <summary>Whether both tables are seen at one moment. Those whose rows are on several servers are not: what differs there may have changed between two looks.</summary>
    public bool SeesOneMoment { get; init; } = true;

    /// <summary>Whether rows of the next range were seen to differ that have to be looked at once more while nothing changes.</summary>
    public bool IsInDoubt => _suspects is not null;

    /// <summary>What is known before the first range.</summary>
    public ComparisonResult Nothing => new(0, 0, [], plan.LeftOut);

    /// <summary>Compares all rows in the transaction that is open on the connection; both tables are seen as of its snapshot.</summary>
    public async Task<ComparisonResult> RunAsync(CancellationToken cancellationToken)
    {
        var walk = await WalkAsync(null, int.MaxValue, cancellationToken);
        var result = Nothing;
        while (!walk.IsOver)
        {
            result = await CompareNextAsync(walk, cancellationToken) is { } found ? result.And(found) : result;
        }

        return result;
    }

    /// <summary>The way through the keys of both tables.</summary>
    /// <param name="after">The key behind which it begins, or <c>null</c> for the beginning.</param>
    /// <param name="parts">How many parts the first range has, each of some 1,600 pages, or more in tables of many gigabytes.</param>
    /// <param name="cancellationToken">Cancels the sampling.</param>
    public async Task<KeyWalk> WalkAsync(string[]? after, int parts, CancellationToken cancellationToken)
    {
        var pages = (await TableFigures.ReadAsync(connection, plan.Earlier.Relation, cancellationToken)).Pages
            + (await TableFigures.ReadAsync(connection, plan.Later.Relation, cancellationToken)).Pages;
        var share = Math.Min(pace.SampledShare, (double)pace.MostSampledPages / Math.Max(pages, 1));
        var wanted = (long)(pages * share / (2 * pace.SampledPagesAPart));
        var boundaries = wanted < 2
            ? []
            : await KeysAsync(_sql.Boundaries(new KeyRange(after, null)), [Key(after), Number(share * 100), Number(wanted)], cancellationToken);
        return new KeyWalk(after, boundaries, parts, pace.Aim);
    }

    /// <summary>Compares the next range in the transaction that is open on the connection.</summary>
    /// <returns>What was found, or <c>null</c> when its rows are to be looked at in parts, to begin with the first of them.</returns>
    public async Task<ComparisonResult?> CompareNextAsync(KeyWalk walk, CancellationToken cancellationToken)
    {
        var (range, began) = (walk.Next, Stopwatch.GetTimestamp());
        var earlier = await HashAsync(plan.Earlier, range, cancellationToken);
        var later = await HashAsync(plan.Later, range, cancellationToken);
        if (earlier == later)
        {
            walk.Advance(Stopwatch.GetElapsedTime(began));
            return new ComparisonResult(earlier.Rows, later.Rows, [], plan.LeftOut);
        }

        if (walk.IsTooLargeToSearch)
        {
            walk.Divide();
            return null;
        }

        if (!SeesOneMoment && !_takesAsSeen)
        {
            var keys = await KeysAsync(_sql.DifferingKeys(range), [Key(range.After), Key(range.Through), Number(MostSuspects)], cancellationToken);
            if (keys.Count > 0)
            {
                _suspects = new Suspects(earlier.Rows, keys);
                return null;
            }

            walk.Pass();
            return new ComparisonResult(earlier.Rows, earlier.Rows, [], plan.LeftOut);
        }

        var kinds = await DifferencesAsync(range, null, cancellationToken);
        _takesAsSeen = false;
        walk.Pass();
        return new ComparisonResult(earlier.Rows, later.Rows, kinds, plan.LeftOut);
    }

    /// <summary>Looks once more at the rows that are in doubt, in a transaction that began when nothing changed any more, and before anything does.</summary>
    /// <returns>What was found in the range, or <c>null</c> when it is to be compared once more: so many rows were in doubt that there may be others.</returns>
    public async Task<ComparisonResult?> SettleAsync(KeyWalk walk, CancellationToken cancellationToken)
    {
        var (rows, keys) = _suspects!;
        var kinds = await DifferencesAsync(walk.Next, keys, cancellationToken);
        _suspects = null;
        if (keys.Count == MostSuspects)
        {
            // Where some do differ, the rest is told as it is seen.
            _takesAsSeen = kinds.Count > 0;
            return null;
        }

        walk.Pass();
        var found = new ComparisonResult(rows, rows, kinds, plan.LeftOut);
        return found with { RowsOfLater = rows - found.OnlyInEarlier + found.OnlyInLater };
    }

    /// <summary>The keys of the rows that differ, as text, a part a column.</summary>
    public async Task<IReadOnlyList<string[]>> DifferingKeysAsync(int atMost, CancellationToken cancellationToken)
    {
        var walk = await WalkAsync(null, int.MaxValue, cancellationToken);
        var keys = new List<string[]>();
        while (!walk.IsOver && keys.Count < atMost)
        {
            var (range, began) = (walk.Next, Stopwatch.GetTimestamp());
            if (await HashAsync(plan.Earlier, range, cancellationToken) == await HashAsync(plan.Later, range, cancellationToken))
            {
                walk.Advance(Stopwatch.GetElapsedTime(began));
            }
            else if (walk.IsTooLargeToSearch)
            {
                walk.Divide();
            }
            else
            {
                keys.AddRange(await KeysAsync(_sql.DifferingKeys(range), [Key(range.After), Key(range.Through), Number(atMost - keys.Count)], cancellationToken));
                walk.Pass();
            }
        }

        return keys;
    }

    private async Task<Hashed> HashAsync(ComparedTable table, KeyRange range, CancellationToken cancellationToken)
    {
        await using var command = Command(_sql.Hash(table, range), [Key(range.After), Key(range.Through)]);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new Hashed(row.GetInt64(0), row.GetInt64(1));
    }

    private async Task<List<string[]>> KeysAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, parameters);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<string[]>();
        while (await row.ReadAsync(cancellationToken))
        {
            keys.Add(row.GetFieldValue<string[]>(0));
        }

        return keys;
    }

    /// <param name="range">The range.</param>
    /// <param name="keys">The only rows of it to look at; others may be among them, too. <c>null</c> for all.</param>
    /// <param name="cancellationToken">Cancels the looking.</param>
    private async Task<IReadOnlyList<RowDifferences>> DifferencesAsync(KeyRange range, List<string[]>? keys, CancellationToken cancellationToken)
    {
        var kinds = new List<RowDifferences>();
        await using var command = Command(
            _sql.Differences(range, ofKeys: keys is not null),
            [Key(range.After), Key(range.Through), Number(SamplesPerKind), .. keys is null ? [] : Enumerable.Range(0, keys[0].Length).Select(part => Key([.. keys.Select(key => key[part])]))]);
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

    private NpgsqlCommand Command(string sql, NpgsqlParameter[] parameters)
    {
        // A scan takes as long as it takes; who has lost patience cancels it.
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.Parameters.AddRange(parameters);
        return command;
    }

    private static NpgsqlParameter Key(string[]? key) => new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, Value = (object?)key ?? DBNull.Value };

    private static NpgsqlParameter Number(object number) => new() { Value = number };

    private static DifferenceKind Kind(string kind) => kind switch
    {
        "earlier" => DifferenceKind.OnlyEarlier,
        "later" => DifferenceKind.OnlyLater,
        _ => DifferenceKind.Values,
    };

    private readonly record struct Hashed(long Rows, long Hash);

    /// <param name="Rows">How many rows the earlier table has in the range.</param>
    /// <param name="Keys">Those that were seen to differ, or some of them.</param>
    private sealed record Suspects(long Rows, List<string[]> Keys);
}
