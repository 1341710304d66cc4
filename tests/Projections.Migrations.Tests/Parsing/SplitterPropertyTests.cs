using FsCheck.Fluent;
using Projections.Migrations.Parsing;
using Projections.Postgres;
using Projections.TestServers;
using Projections.Testing;

namespace Projections.Migrations.Tests.Parsing;

/// <summary>
/// Statements made of the trickiest tokens, strung together: the splitter gives back each one, and PostgreSQL reads each one as it was meant.
/// </summary>
public sealed class SplitterPropertyTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    /// <summary>An expression of type text, and the value that PostgreSQL must find in it.</summary>
    private static readonly (string Sql, string Value)[] Expressions =
    [
        ("'a;b'", "a;b"),
        ("'it''s; --no comment'", "it's; --no comment"),
        ("'back\\'", "back\\"),
        ("E'it\\'s; here'", "it's; here"),
        ("E'\\\\'", "\\"),
        ("E'one;'\n  'two\\';'", "one;two';"),
        ("'one;' -- comment; here\n  'two'", "one;two"),
        ("$$a;b$$", "a;b"),
        ("$tag$ $$;$$ ; $tag$", " $$;$$ ; "),
        ("$ä$;'$ä$", ";'"),
        ("(SELECT \"a;\"\"b\" FROM (SELECT 'x' AS \"a;\"\"b\") t)", "x"),
        ("CASE WHEN true THEN 'c;' /* ; /* nested; */ ; */ END", "c;"),
        ("(SELECT a$1 FROM (SELECT 'd' AS a$1) t)", "d"),
        ("U&'\\0061;'", "a;"),
        ("B'01'::text", "01"),
        ("(ARRAY['p;', 'q'])[1]", "p;"),
        ("1.5::text", "1.5"),
        ("(3 - -2)::text", "5"),
        ("(2 */* ; */ 3)::text", "6"),
    ];

    private static readonly string[] Separators = [";", " ; ", ";\n", "; -- done; or not\n", ";;\n/* between; /* them; */ ; */\n", "\n;\r\n"];

    [PostgresFact]
    public async Task Every_statement_comes_back_whole_and_PostgreSQL_accepts_it()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync();
        var statement = Gen.Elements(Expressions).NonEmptyListOf();
        var texts = Gen.Zip(statement, Gen.Elements(Separators)).NonEmptyListOf();

        foreach (var parts in texts.Sample(12, 150))
        {
            var sent = parts.Select(part => $"SELECT {string.Join(" || ", part.Item1.Select(expression => expression.Sql))}").ToList();
            var split = StatementSplitter.Split(string.Concat(parts.Select((part, i) => sent[i] + part.Item2)));

            split.Select(found => found.Text).ShouldBe(sent);
            for (var i = 0; i < split.Count; i++)
            {
                (await connection.ScalarAsync<string>(split[i].Text, CancellationToken.None))
                    .ShouldBe(string.Concat(parts[i].Item1.Select(expression => expression.Value)));
            }
        }
    }
}
