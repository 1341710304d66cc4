using Projections.Migrations.Parsing;

namespace Projections.Migrations.Tests.Parsing;

public sealed class StatementSplitterTests
{
    private static string[] Split(string sql) => [.. StatementSplitter.Split(sql).Select(statement => statement.Text)];

    [Fact]
    public void Statements_end_at_semicolons() =>
        Split("SELECT 1; SELECT 2;\nSELECT 3").ShouldBe(["SELECT 1", "SELECT 2", "SELECT 3"]);

    [Fact]
    public void Empty_statements_and_comments_alone_are_no_statements() =>
        Split(" ;; -- nothing; at all\n /* ; */ ;").ShouldBeEmpty();

    [Theory]
    [InlineData("SELECT 'a;b'")]
    [InlineData("SELECT 'it''s; here'")]
    [InlineData("SELECT \"a;\"\"b\"")]
    [InlineData("SELECT E'it\\'s; here'")]
    [InlineData("SELECT e'\\\\'")]
    [InlineData("SELECT E'a'\n  'b\\';c'")]
    [InlineData("SELECT E'a' -- x\n  'b\\';c'")]
    [InlineData("SELECT 'a\\'")]
    [InlineData("SELECT U&'\\0041;'")]
    [InlineData("SELECT U&\"d\\0061;\"")]
    [InlineData("SELECT $$a;b$$")]
    [InlineData("SELECT $a$ $$;$$ $b$;$b$ $a$")]
    [InlineData("SELECT $ä1$ ; $ä1$")]
    [InlineData("SELECT 1 /* a; /* b; */ c; */ + 1")]
    [InlineData("SELECT 1 -- a;\n + 1")]
    [InlineData("SELECT a$b$ FROM t; SELECT 'x' AS c$b$", 2)]
    [InlineData("CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END")]
    [InlineData("CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC INSERT INTO t SELECT CASE WHEN a THEN 1 ELSE 2 END; SELECT (CASE 1 WHEN 1 THEN 2 END); END")]
    [InlineData("create function f() returns int begin atomic select 1 as end; select 2; end")]
    [InlineData("SELECT 1 AS begin, 2 AS atomic; SELECT 3", 2)]
    [InlineData("CREATE TABLE t (begin int); SELECT 1", 2)]
    [InlineData("SELECT 1*/* ; */2")]
    [InlineData("SELECT 1--;\n+2")]
    [InlineData("SELECT arr[1:2]; SELECT a::text", 2)]
    public void A_semicolon_counts_only_between_statements(string sql, int expected = 1) =>
        Split(sql + ";\nSELECT 99;").Length.ShouldBe(expected + 1);

    [Fact]
    public void Backslashes_escape_in_plain_strings_after_the_setting_says_so() =>
        Split("SET standard_conforming_strings = off; SELECT 'a\\';b'; SET standard_conforming_strings TO on; SELECT 'a\\'; SELECT 1")
            .ShouldBe(["SET standard_conforming_strings = off", "SELECT 'a\\';b'", "SET standard_conforming_strings TO on", "SELECT 'a\\'", "SELECT 1"]);

    [Fact]
    public void Statements_know_their_lines() =>
        StatementSplitter.Split("-- one\nSELECT $$\n\n$$;\n\n  /* x\n */ SELECT 2;\r\nSELECT 3")
            .Select(statement => statement.Line).ShouldBe([2, 7, 8]);

    [Fact]
    public void Keywords_are_found_in_any_case_and_never_in_quotes()
    {
        var statement = StatementSplitter.Split("Create Unique INDEX \"concurrently\" ON t (x)")[0];

        statement.StartsWith("create", "unique", "index").ShouldBeTrue();
        statement.Has("concurrently").ShouldBeFalse();
    }
}
