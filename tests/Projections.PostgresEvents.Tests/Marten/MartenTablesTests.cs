using Projections.PostgresEvents.Marten;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.PostgresEvents.Tests.Marten;

/// <summary>
/// The tables that tests, demo and benchmark stand on are those of Marten. What is expected was read by the same query off the tables
/// that Marten 9.29.0 made on PostgreSQL 15, with each option.
/// </summary>
public sealed class MartenTablesTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string Tables =
        """
        WITH t AS (
            SELECT c.oid, c.relname, c.relkind
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = 'events' AND c.relname IN ('mt_events', 'mt_streams')
        ), line AS (
            SELECT 1 AS part, relname, attnum::int AS number,
                format('%s.%s %s%s', relname, attname, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN ' not null' ELSE '' END) AS text
            FROM t JOIN pg_attribute ON attrelid = t.oid AND attnum > 0
            UNION ALL
            SELECT 2, relname, 0, format('%s %s %s', relname, conname, replace(pg_get_constraintdef(k.oid), 'events.', ''))
            FROM t JOIN pg_constraint AS k ON conrelid = t.oid
            WHERE contype IN ('p', 'f') AND conparentid = 0
            UNION ALL
            SELECT 3, t.relname, 0, format('%s %s', i.relname, substring(pg_get_indexdef(i.oid) FROM '\(.*$'))
            FROM t JOIN pg_index AS x ON x.indrelid = t.oid AND NOT x.indisprimary JOIN pg_class AS i ON i.oid = x.indexrelid
            UNION ALL
            SELECT 4, t.relname, 0, format('%s partitioned by %s', t.relname, pg_get_partkeydef(t.oid))
            FROM t
            WHERE relkind = 'p'
            UNION ALL
            SELECT 5, t.relname, 0, format('%s %s', p.relname, pg_get_expr(p.relpartbound, p.oid))
            FROM t JOIN pg_inherits AS h ON h.inhparent = t.oid JOIN pg_class AS p ON p.oid = h.inhrelid
        )
        SELECT string_agg(text, e'\n' ORDER BY part, relname COLLATE "C", number, text COLLATE "C")
        FROM line
        """;

    public static TheoryData<string, MartenLayout> Layouts => new()
    {
        { "default", MartenLayout.Default },
        { "text-streams", new MartenLayout { StreamsAreUuids = false } },
        { "conjoined", new MartenLayout { IsConjoined = true } },
        { "archive-partitions", new MartenLayout { HasArchivePartitions = true } },
        { "conjoined-archive-partitions", new MartenLayout { IsConjoined = true, HasArchivePartitions = true } },
        { "headers", new MartenLayout { HasHeaders = true } },
        { "skipping", new MartenLayout { HasSkipping = true } },
        { "tags", new MartenLayout { HasTags = true } },
    };

    [PostgresTheory]
    [MemberData(nameof(Layouts))]
    public async Task They_are_what_Marten_makes(string seen, MartenLayout layout)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var store = new MartenEventTable(database.DataSource, "events", layout);

        await store.CreateAsync();

        (await database.ScalarAsync<string>(Tables)).ShouldBe(Seen(seen));
        await store.CreateAsync();
    }

    private static string Seen(string name)
    {
        using var text = new StreamReader(typeof(MartenTablesTests).Assembly.GetManifestResourceStream(name)!);
        return text.ReadToEnd().ReplaceLineEndings("\n").TrimEnd();
    }
}
