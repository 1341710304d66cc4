extern alias analyzers;

using System.Collections.Immutable;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using Projections.Definitions;
using Projections.Tables;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Tests.Analyzers;

/// <summary>What the compiler says of a row and its table is what PostgreSQL's own table would have the program say at its start.</summary>
public sealed class RowFitsTableTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string Id = "[Key] public Guid Id { get; set; }";

    /// <summary>The row's properties, and the table.</summary>
    public static TheoryData<string, string> Pairs => new()
    {
        { $"{Id} public int Value {{ get; set; }}", "create table test_v1 (id uuid primary key, value integer not null);" },
        { $"{Id} public int Value {{ get; set; }}", "CREATE TABLE test_v1 (ID UUID PRIMARY KEY, Value INT4 NOT NULL)" },
        { $"{Id} public int Value {{ get; set; }}", "create table test_v1 (id uuid primary key, value bigint not null)" },
        { $"{Id} public int Value {{ get; set; }}", "create table test_v1 (id uuid primary key, value integer)" },
        { $"{Id} public int? Value {{ get; set; }}", "create table test_v1 (id uuid primary key, value integer not null default 7 check (value is not null))" },
        { $"{Id} public int? Value {{ get; set; }}", "create table test_v1 (id uuid primary key, value integer default null check (value is not null and value > 0))" },
        { $"{Id} public int Value {{ get; set; }}", "create table test_v1 (id uuid primary key)" },
        { $"{Id} public int Value {{ get; set; }}", "create table test_v1 (id uuid primary key, value integer not null, note varchar(20), at timestamptz not null default now())" },
        { $"{Id} public int Value {{ get; set; }}", "create table test_v1 (id uuid not null, value integer not null)" },
        { $"{Id} public int Value {{ get; set; }}", "create table test_v1 (id uuid, value integer, primary key (value, id))" },
        { "[Key] public Guid Id { get; set; } [Key] public int Line { get; set; }", "create table test_v1 (id uuid, line integer, constraint \"the key\" primary key (id, line))" },
        { "[Key] public Guid Id { get; set; } [Key] public int Line { get; set; }", "create table test_v1 (line integer, id uuid, primary key (line, id))" },
        { $"{Id} public string Name {{ get; set; }} = \"\"; public string? Note {{ get; set; }}", "create table test_v1 (id uuid primary key, name text not null, note varchar)" },
        { $"{Id} public string Name {{ get; set; }} = \"\"; public string? Note {{ get; set; }}", "create table test_v1 (id uuid primary key, name varchar(20) not null, note text not null)" },
        { $"{Id} [Column(TypeName = \"varchar (20)\")] public string Name {{ get; set; }} = \"\";", "create table test_v1 (id uuid primary key, name character varying(20) not null)" },
        { $"{Id} public decimal Net {{ get; set; }}", "create table test_v1 (id uuid primary key, net numeric(14, 2) not null)" },
        { $"{Id} [Column(TypeName = \"numeric(14, 2)\")] public decimal Net {{ get; set; }}", "create table test_v1 (id uuid primary key, net decimal(14,2) not null)" },
        { $"{Id} [Column(TypeName = \"numeric(14)\")] public decimal Net {{ get; set; }}", "create table test_v1 (id uuid primary key, net numeric(14) not null)" },
        { $"{Id} [Column(TypeName = \"numeric(14)\")] public decimal Net {{ get; set; }}", "create table test_v1 (id uuid primary key, net numeric(14,1) not null)" },
        { $"{Id} public DateTime At {{ get; set; }} public DateTimeOffset? Seen {{ get; set; }} public DateOnly Day {{ get; set; }} public TimeSpan Took {{ get; set; }}",
          "create table test_v1 (id uuid primary key, at timestamp with time zone not null, seen timestamptz, day date not null, took interval not null)" },
        { $"{Id} public DateTime At {{ get; set; }}", "create table test_v1 (id uuid primary key, at timestamp not null)" },
        { $"{Id} public string[] Tags {{ get; set; }} = []; public long[]? Numbers {{ get; set; }} public byte[] Raw {{ get; set; }} = [];",
          "create table test_v1 (id uuid primary key, tags text[] not null, numbers int8[], raw bytea not null)" },
        { $"{Id} public string[] Tags {{ get; set; }} = [];", "create table test_v1 (id uuid primary key, tags text not null)" },
        { $"{Id} public DayOfWeek Day {{ get; set; }} public short Small {{ get; set; }} public float Part {{ get; set; }} public double Whole {{ get; set; }} public bool Done {{ get; set; }}",
          "create table test_v1 (id uuid primary key, day text not null, small smallint not null, part real not null, whole float not null, done bool not null)" },
        { $"{Id} public string CustomerVATNumber2 {{ get; set; }} = \"\"; public int URL {{ get; set; }} public int A1B2 {{ get; set; }}",
          "create table test_v1 (id uuid primary key, customer_vat_number2 text not null, url integer not null, a1_b2 integer not null)" },
        { $"{Id} [Column(\"Odd Name\")] public int Odd {{ get; set; }} [NotMapped] public int Left {{ get; set; }}", "create table test_v1 (id uuid primary key, \"Odd Name\" integer not null)" },
        { $"{Id} [Column(\"check\")] public int Odd {{ get; set; }}", "create table public.test_v1 (id uuid primary key, \"check\" integer not null)" },
        { $"{Id} public int Value {{ get; set; }}",
          "-- a comment, with ( in it\ncreate table test_v1 (\n  id uuid primary key, /* (and, one) */ value integer not null, twice integer generated always as (value * 2) stored, unique (value), check (value <> 0 or 'a,b(' = '')\n);\ncreate index on test_v1 (value);" },
        { $"{Id} [Column(TypeName = \"jsonb\")] public Dictionary<string, int> Parts {{ get; set; }} = [];", "create table test_v1 (id uuid primary key, parts jsonb not null)" },
        { $"{Id} [Column(TypeName = \"jsonb\")] public Dictionary<string, int> Parts {{ get; set; }} = [];", "create table test_v1 (id uuid primary key, parts json not null)" },
        { $"{Id} public long Number {{ get; set; }} public int Place {{ get; set; }}", "create table test_v1 (id uuid primary key, number bigserial, place integer generated by default as identity)" },
        { $"{Id} public int Value {{ get; set; }}", "create table test_v1 (id uuid primary key, value integer not null) partition by hash (id)" },
    };

    [PostgresTheory]
    [MemberData(nameof(Pairs))]
    public async Task The_compiler_says_what_the_start_would_say(string properties, string table)
    {
        var compilation = Compile(properties);

        var atBuild = await AnalyseAsync(compilation, table);

        atBuild.ShouldBe(await AtStartAsync(compilation, table), ignoreOrder: true);
    }

    /// <summary>Declarations whose columns only a database knows.</summary>
    [Theory]
    [InlineData("create table test_v1 (like other including all)")]
    [InlineData("create table test_v1 partition of other for values in (1)")]
    [InlineData("create table test_v1 as select 1 as id")]
    [InlineData("create table test_v1 of other")]
    [InlineData("create table test_v1 (id uuid) inherits (other)")]
    [InlineData("create table test_v1 (id a_domain)")]
    [InlineData("create table test_v1 (id uuid primary key); alter table test_v1 add column value integer not null;")]
    [InlineData("create table test_v1 (id uuid primary key); create table other (id uuid)")]
    [InlineData("do $$ begin create table test_v1 (id uuid); end $$")]
    [InlineData("create table test_v1 (id uuid")]
    [InlineData("create table \"test_v1")]
    [InlineData("")]
    public async Task What_it_does_not_understand_it_leaves_to_the_start(string table) =>
        (await AnalyseAsync(Compile($"{Id} public int Value {{ get; set; }}"), table)).ShouldBeEmpty();

    private static CSharpCompilation Compile(string properties) => CSharpCompilation.Create(
        $"row-{Guid.NewGuid():N}",
        [CSharpSyntaxTree.ParseText(
            $$"""
            #nullable enable
            using System;
            using System.Collections.Generic;
            using System.ComponentModel.DataAnnotations;
            using System.ComponentModel.DataAnnotations.Schema;
            using Projections.Events;
            using Projections.Tables;

            public readonly record struct RowKey(Guid Id, int Line);

            public sealed class TestV1() : TableProjection<{{(properties.Contains("Line", StringComparison.Ordinal) ? "RowKey" : "Guid")}}, TestV1.Row>("test", 1, EventTypes.Create(_ => { }))
            {
                protected override void Define(FoldDefinition<{{(properties.Contains("Line", StringComparison.Ordinal) ? "RowKey" : "Guid")}}, Row> on)
                {
                }

                public sealed class Row
                {
                    {{properties}}
                }
            }
            """,
            path: "projections/Test/V1/TestV1.cs")],
        References.Value,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));

    private static readonly Lazy<ImmutableArray<MetadataReference>> References = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal) || Path.GetFileName(path) is "Projections.dll" or "netstandard.dll")
            .Select(path => MetadataReference.CreateFromFile(path)),
    ]);

    private static async Task<IReadOnlyList<string>> AnalyseAsync(CSharpCompilation compilation, string table)
    {
        var found = await compilation
            .WithAnalyzers([new analyzers::Projections.Analyzers.RowFitsTableAnalyzer()], new AnalyzerOptions([new TableFile(table)]))
            .GetAllDiagnosticsAsync();
        return [.. found.Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning).Select(diagnostic => diagnostic.GetMessage())];
    }

    private async Task<IReadOnlyList<string>> AtStartAsync(CSharpCompilation compilation, string table)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync(table);
        await using var connection = await database.DataSource.OpenConnectionAsync();
        var shape = (await TableShapes.ReadAsync(connection, "public", "test_v1", CancellationToken.None))!;
        return shape.DifferencesFrom(Load(compilation).Columns!);
    }

    private static ProjectionVersion Load(CSharpCompilation compilation)
    {
        using var image = new MemoryStream();
        compilation.Emit(image).Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ShouldBeEmpty();
        image.Position = 0;
        var version = new AssemblyLoadContext(null).LoadFromStream(image).GetType("TestV1")!;
        return (ProjectionVersion)Activator.CreateInstance(version)!;
    }

    private sealed class TableFile(string text) : AdditionalText
    {
        public override string Path => "projections/Test/V1/table.sql";

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }
}
