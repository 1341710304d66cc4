using System.Text.Json;
using System.Text.Json.Serialization;
using Projections.Migrations.Parsing;

namespace Projections.Migrations.Tests.Safety;

/// <summary>A migration that other tools' tests have judged.</summary>
internal sealed record VerdictCase
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("setup_sql")]
    public required string Setup { get; init; }

    [JsonPropertyName("sql")]
    public required string Sql { get; init; }

    [JsonPropertyName("mode")]
    public required string Mode { get; init; }

    [JsonPropertyName("category")]
    public required string Category { get; init; }

    [JsonPropertyName("unsafe")]
    public required bool IsUnsafe { get; init; }

    public static IReadOnlyList<VerdictCase> ReadAll(string path) =>
        [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<VerdictCase>(line)!)];

    /// <summary>The statements as files of ours: what stands between BEGIN and COMMIT is a migration of its own.</summary>
    public IReadOnlyList<string> Files()
    {
        var files = new List<string>();
        var (part, isTransaction) = (new List<string>(), Mode == "tx");
        foreach (var statement in StatementSplitter.Split(Sql))
        {
            if (statement.StartsWith("begin") || statement.StartsWith("commit"))
            {
                Finish(files, part, isTransaction);
                (part, isTransaction) = ([], statement.StartsWith("begin"));
            }
            else
            {
                part.Add(statement.Text);
            }
        }

        Finish(files, part, isTransaction);
        return files;
    }

    private static void Finish(List<string> files, List<string> part, bool isTransaction)
    {
        if (part.Count > 0)
        {
            files.Add($"{(isTransaction ? "" : "-- transaction: none\n")}{string.Join(";\n", part)};");
        }
    }
}
