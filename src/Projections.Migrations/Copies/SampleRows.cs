using Npgsql;
using Projections.Postgres;

namespace Projections.Migrations.Copies;

/// <summary>
/// Puts made-up rows into every empty table of a copy, as an empty table hides what a statement does to rows.
/// Columns with conditions get values that PostgreSQL itself finds to satisfy them.
/// </summary>
internal sealed class SampleRows(NpgsqlConnection connection)
{
    private const int Count = 50;

    /// <returns>The tables that stayed empty, with the reason.</returns>
    public async Task<IReadOnlyList<string>> FillAsync(CancellationToken cancellationToken)
    {
        var waiting = new List<SampleTable>();
        foreach (var table in await new SampleTables(connection).ListAsync(cancellationToken))
        {
            if (!await connection.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM ONLY {table.Name})", cancellationToken))
            {
                waiting.Add(table);
            }
        }

        var reasons = new Dictionary<string, string>();
        for (var before = -1; before != waiting.Count;)
        {
            // A table whose foreign key found no row may find it in the next round.
            before = waiting.Count;
            foreach (var table in waiting.ToList())
            {
                reasons[table.Name] = await TryFillAsync(table, cancellationToken) ?? "";
                if (reasons[table.Name].Length == 0)
                {
                    await MoveSequencesAsync(table, cancellationToken);
                    waiting.Remove(table);
                }
            }
        }

        await PopulateViewsAsync(cancellationToken);
        return [.. waiting.Select(table => $"{table.Name} has no rows on the copy: {reasons[table.Name]}")];
    }

    // The made-up rows have numbers of their own; those that a statement draws come after them.
    private async Task MoveSequencesAsync(SampleTable table, CancellationToken cancellationToken)
    {
        var moves = await connection.QueryAsync(
            """
            SELECT format('SELECT setval(%L, max(%I) + 1, false) FROM ONLY %s HAVING max(%I) > 0', s.oid::regclass, a.attname, a.attrelid::regclass, a.attname)
              FROM pg_depend d
              JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
              JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
             WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1 AND d.deptype IN ('a', 'i')
            """,
            row => row.GetString(0), cancellationToken, table.Oid);
        foreach (var move in moves)
        {
            await TryAsync(move, cancellationToken);
        }
    }

    // A dump without data leaves materialized views unpopulated, which no production has. One may be read by another.
    private async Task PopulateViewsAsync(CancellationToken cancellationToken)
    {
        for (var left = int.MaxValue; ;)
        {
            var views = await connection.QueryAsync(
                "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'm' AND NOT c.relispopulated ORDER BY c.oid",
                row => row.GetString(0), cancellationToken);
            if (views.Count == 0 || views.Count >= left)
            {
                return;
            }

            left = views.Count;
            foreach (var view in views)
            {
                await TryAsync($"REFRESH MATERIALIZED VIEW {view}", cancellationToken);
            }
        }
    }

    private async Task<string?> TryFillAsync(SampleTable table, CancellationToken cancellationToken)
    {
        var values = new List<(SampleColumn Column, string Value)>();
        foreach (var column in table.Columns)
        {
            if (await ValueOfAsync(table, column, cancellationToken) is { } value)
            {
                values.Add((column, value));
            }
        }

        return await TryInsertAsync(table, values, cancellationToken) is { } reason
            && await TryInsertAsync(table, [.. values.Where(pair => !pair.Column.HasDefault)], cancellationToken) is not null
            && await TryInsertAsync(table, [.. values.Where(pair => pair.Column is { HasDefault: false, IsRequired: true })], cancellationToken) is not null
            ? reason
            : null;
    }

    private async Task<string?> TryInsertAsync(
        SampleTable table, List<(SampleColumn Column, string Value)> values, CancellationToken cancellationToken)
    {
        var rows = $"generate_series(1, {Count}) g ON CONFLICT DO NOTHING";
        var sql = values.Count == 0
            ? $"INSERT INTO {table.Name} DEFAULT VALUES"
            : $"INSERT INTO {table.Name} ({string.Join(", ", values.Select(pair => pair.Column.Name))}) OVERRIDING SYSTEM VALUE SELECT {string.Join(", ", values.Select(pair => pair.Value))} FROM {rows}";
        return await TryAsync(sql, cancellationToken);
    }

    /// <returns>Why not; <c>null</c> when it was done.</returns>
    private async Task<string?> TryAsync(string sql, CancellationToken cancellationToken)
    {
        try
        {
            await connection.ExecuteLongAsync(sql, cancellationToken);
            return null;
        }
        catch (PostgresException refused)
        {
            return refused.MessageText;
        }
    }

    private async Task<string?> ValueOfAsync(SampleTable table, SampleColumn column, CancellationToken cancellationToken)
    {
        var usual = SampleValue.Of(column);
        if (column.Checks.Count == 0 || (usual is not null && await SatisfyAsync(column, usual, cancellationToken)))
        {
            return usual;
        }

        var good = new List<string>();
        foreach (var constant in column.Checks.SelectMany(SampleValue.ConstantsOf).Distinct())
        {
            var value = $"'{constant.Replace("'", "''", StringComparison.Ordinal)}'::{column.Type}";
            if (await SatisfyAsync(column, value, cancellationToken))
            {
                good.Add(value);
            }
        }

        return good.Count == 0 ? null : $"(ARRAY[{string.Join(", ", good)}])[1 + g % {good.Count}]";
    }

    private async Task<bool> SatisfyAsync(SampleColumn column, string value, CancellationToken cancellationToken)
    {
        try
        {
            var conditions = string.Join(" AND ", column.Checks.Select(check => $"coalesce(({check}), true)"));
            return await connection.ScalarAsync<bool>(
                $"SELECT bool_and({conditions}) FROM (SELECT {value} AS {column.Name} FROM generate_series(1, {Count}) g) AS candidates",
                cancellationToken);
        }
        catch (PostgresException)
        {
            return false;
        }
    }
}
