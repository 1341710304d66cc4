using Npgsql;
using Projections.Postgres;

namespace Projections.Migrations.Tracking;

/// <summary>The table in which another tool keeps what it has applied, recognised by its columns.</summary>
internal sealed record ForeignHistory
{
    /// <summary>What is known of the tools. The first whose columns are there is meant.</summary>
    private static readonly ForeignHistory[] Known =
    [
        new()
        {
            Tool = "Flyway",
            Columns = ["installed_rank", "version", "script", "success"],
            Sql =
                """
                SELECT version::text, installed_on::timestamptz, success
                  FROM (SELECT DISTINCT ON (version) * FROM {0} WHERE version IS NOT NULL ORDER BY version, installed_rank DESC) newest
                 WHERE type NOT LIKE 'UNDO%' AND type <> 'DELETE'
                """,
        },
        new()
        {
            Tool = "goose",
            Columns = ["version_id", "is_applied", "tstamp"],
            Sql =
                """
                SELECT version_id::text, tstamp::timestamptz, true
                  FROM (SELECT DISTINCT ON (version_id) * FROM {0} WHERE version_id > 0 ORDER BY version_id, id DESC) newest
                 WHERE is_applied
                """,
        },
        new()
        {
            Tool = "golang-migrate",
            Columns = ["version", "dirty"],
            Sql = "SELECT version::text, NULL::timestamptz, NOT dirty FROM {0}",
            NamesNewestOnly = true,
        },
        new()
        {
            Tool = "another migration runner",
            Columns = ["version", "applied_at"],
            Sql = "SELECT version::text, applied_at::timestamptz, true FROM {0}",
        },
        new()
        {
            Tool = "Rails or dbmate",
            Columns = ["version"],
            Sql = "SELECT version::text, NULL::timestamptz, true FROM {0}",
        },
    ];

    /// <summary>Whose it is, as people call it.</summary>
    public required string Tool { get; init; }

    /// <summary>Its quoted and qualified name.</summary>
    public string Table { get; private init; } = "";

    /// <summary>Whether it holds the newest version alone, and all before that one are applied as well.</summary>
    public bool NamesNewestOnly { get; private init; }

    private string[] Columns { get; init; } = [];

    private string Sql { get; init; } = "";

    /// <summary>Finds out whose a table with these columns is.</summary>
    /// <returns><c>null</c> when nothing is known of it.</returns>
    public static ForeignHistory? Recognise(string table, IReadOnlyCollection<string> columns) =>
        Known.FirstOrDefault(known => known.Columns.All(columns.Contains)) is { } tool ? tool with { Table = table } : null;

    /// <summary>The columns of a table; empty when there is none of this name.</summary>
    /// <param name="connection">Where to look.</param>
    /// <param name="table">Its name, quoted where it must be.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public static async Task<IReadOnlyCollection<string>> ReadColumnsAsync(NpgsqlConnection connection, string table, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped",
            row => row.GetString(0), cancellationToken, table);

    /// <summary>What it says is applied.</summary>
    public async Task<IReadOnlyList<ForeignVersion>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            string.Format(System.Globalization.CultureInfo.InvariantCulture, Sql, Table),
            row => new ForeignVersion(row.GetString(0), row.GetNullableValue<DateTime>(1), row.GetBoolean(2)),
            cancellationToken);
}

/// <summary>A version that another tool has applied.</summary>
/// <param name="Version">As that tool calls it.</param>
/// <param name="AppliedAt">When, where it says so.</param>
/// <param name="IsWhole">Whether it went through; otherwise it stopped half way.</param>
internal sealed record ForeignVersion(string Version, DateTime? AppliedAt, bool IsWhole);
