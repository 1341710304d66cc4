using System.Data;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using Projections.Postgres;

namespace Projections.Switching.Queries;

/// <summary>
/// Plans readers' statements behind the read name as it is, and as it would be behind another table: a temporary view of the same name takes its
/// place for this session alone. Nothing is run and nothing is kept, and nobody waits for it.
/// </summary>
/// <param name="connection">A connection without a transaction.</param>
/// <param name="schema">The schema of the read name and its tables.</param>
/// <param name="name">The read name.</param>
/// <param name="live">The table that it shows.</param>
internal sealed class QueryComparison(NpgsqlConnection connection, string schema, string name, string live)
{
    /// <summary>The least by which a cost must grow to be told, as a factor. Other statistics make up for less.</summary>
    private const double Growth = 2;

    /// <summary>What a look at some thousand rows costs; where less is added, factors say nothing.</summary>
    private const double Little = 10;

    private const string Prepared = "projections_readers_query";

    // What the account of statements makes of a literal with its type in front cannot be parsed: interval $1.
    private static readonly Regex TypedLiteral = new(@"\b(interval|date|timestamptz|timestamp|time|uuid|numeric)\s+(\$\d+)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    private readonly Regex _qualified = new(
        $"""(?<![\w"$])("{Regex.Escape(schema)}"|{Regex.Escape(schema)})\s*\.\s*("{Regex.Escape(name)}"|{Regex.Escape(name)})(?![\w"$])""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    /// <param name="queries">The statements.</param>
    /// <param name="table">The table that the read name would show.</param>
    /// <param name="columns">The columns that it would show, in order.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task<QueryReport> RunAsync(IReadOnlyList<ReadersQuery> queries, string table, IReadOnlyList<string> columns, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // By what is true for any values, and by the rows that are looked at, not by the pages: in which order rows lie is an accident of how a table was
        // filled. And an application finds the name without its schema.
        await connection.ExecuteAsync(
            """
            select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('seq_page_cost', '0', true), set_config('random_page_cost', '0', true),
                set_config('max_parallel_workers_per_gather', '0', true), set_config('search_path', $1 || ', ' || current_setting('search_path'), true)
            """,
            cancellationToken,
            SqlName.Quote(schema));
        var before = new List<(ReadersQuery Query, QueryPlan Plan)>();
        var notPlanned = new List<string>();
        foreach (var query in queries)
        {
            var (plan, problem) = await PlanAsync(transaction, query.Text, [], cancellationToken);
            if (plan is null)
            {
                notPlanned.Add($"{query.Text}: {problem}");
            }
            else
            {
                before.Add((query, plan));
            }
        }

        await connection.ExecuteAsync(
            $"create temporary view {SqlName.Quote(name)} as select {string.Join(", ", columns.Select(column => SqlName.Quote(column)))} from {SqlName.Quote(schema, table)}", cancellationToken);
        // Planning may run what claims to be immutable.
        await connection.ExecuteAsync("set local transaction_read_only = on", cancellationToken);
        var findings = new List<QueryFinding>();
        var preparedAnew = new List<ReadersQuery>();
        foreach (var (query, now) in before)
        {
            // With the types of today's values: whoever binds them goes on to do so.
            var (then, problem) = await PlanAsync(transaction, _qualified.Replace(query.Text, $"pg_temp.{SqlName.Quote(name)}"), now.ParameterTypes, cancellationToken);
            if (then is null)
            {
                findings.Add(new QueryFinding(query.Text, query.Calls, QueryTrouble.Fails, $"it fails: {problem}"));
            }
            else if (FindWorse(query, now, then, table) is { } finding)
            {
                findings.Add(finding);
            }
            else if (!then.Columns.SequenceEqual(now.Columns))
            {
                preparedAnew.Add(query);
            }
        }

        await transaction.RollbackAsync(cancellationToken);
        return new QueryReport(before.Count, [.. findings.OrderByDescending(finding => finding.Calls)], preparedAnew, notPlanned);
    }

    private QueryFinding? FindWorse(ReadersQuery query, QueryPlan now, QueryPlan then, string table)
    {
        if (then.Cost < now.Cost * Growth || then.Cost - now.Cost < Little)
        {
            return null;
        }

        var cost = string.Create(CultureInfo.InvariantCulture, $"by the planner's account it costs {then.Cost:0} in place of {now.Cost:0}, reading left out");
        return then.Scanned.Contains(table) && !now.Scanned.Contains(live)
            ? new QueryFinding(query.Text, query.Calls, QueryTrouble.Scans, $"it reads all of {table}, where it uses an index now; {cost}")
            : new QueryFinding(query.Text, query.Calls, QueryTrouble.Grows, cost);
    }

    /// <param name="transaction">The transaction, which goes on whatever comes of it.</param>
    /// <param name="text">The statement.</param>
    /// <param name="parameterTypes">The types of its parameters; those that the planner makes out when there are none.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The plan, or why there is none.</returns>
    private async Task<(QueryPlan? Plan, string? Problem)> PlanAsync(NpgsqlTransaction transaction, string text, IReadOnlyList<string> parameterTypes, CancellationToken cancellationToken)
    {
        await transaction.SaveAsync("query", cancellationToken);
        var planned = await PlanAtSavepointAsync(text, parameterTypes, cancellationToken);
        if (planned.Plan is null)
        {
            await transaction.RollbackAsync("query", cancellationToken);
        }

        await transaction.ReleaseAsync("query", cancellationToken);
        // A prepared statement is there whatever becomes of the transaction.
        await connection.ExecuteAsync(
            $"do $$ begin if exists (select from pg_prepared_statements where name = '{Prepared}') then deallocate {Prepared}; end if; end $$", cancellationToken);
        return planned;
    }

    private async Task<(QueryPlan? Plan, string? Problem)> PlanAtSavepointAsync(string text, IReadOnlyList<string> parameterTypes, CancellationToken cancellationToken)
    {
        try
        {
            var types = parameterTypes.Count == 0 ? "" : $" ({string.Join(", ", parameterTypes)})";
            await connection.ExecuteVerbatimAsync($"prepare {Prepared}{types} as {TypedLiteral.Replace(text, "$2::$1")}", cancellationToken);
            var inferred = await connection.ScalarAsync<string[]>("select parameter_types::text[] from pg_prepared_statements where name = $1", cancellationToken, Prepared) ?? [];
            var values = inferred.Length == 0 ? "" : $" ({string.Join(", ", inferred.Select(_ => "null"))})";
            var explained = await connection.ScalarAsync<string>($"explain (format json) execute {Prepared}{values}", cancellationToken);
            return (QueryPlan.Parse(explained!, await ReadColumnsAsync($"execute {Prepared}{values}", cancellationToken), inferred), null);
        }
        catch (PostgresException exception) when (!PassingFault.Is(exception))
        {
            return (null, exception.MessageText);
        }
    }

    /// <summary>What a statement returns, without running it.</summary>
    private async Task<IReadOnlyList<string>> ReadColumnsAsync(string statement, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SchemaOnly, cancellationToken);
        return [.. Enumerable.Range(0, reader.FieldCount).Select(column => $"{reader.GetName(column)} {reader.GetDataTypeName(column)}")];
    }
}
