using System.Globalization;
using Npgsql;
using Projections.Postgres;
using Projections.Tables;

namespace Projections.Switching;

/// <summary>How many rows a table has.</summary>
/// <param name="Rows">The number.</param>
/// <param name="IsAbout">Whether it is the planner's estimate.</param>
internal sealed record RowCount(long Rows, bool IsAbout)
{
    /// <summary>Up to here rows are counted; beyond it the planner's estimate is near enough.</summary>
    private const double Counted = 100_000;

    public static async Task<RowCount> OfAsync(NpgsqlConnection connection, string schema, string table, CancellationToken cancellationToken)
    {
        var quoted = SqlName.Quote(schema, table);
        var estimate = (await TableFigures.ReadAsync(connection, quoted, cancellationToken)).Rows;
        return estimate > Counted
            ? new RowCount((long)estimate, IsAbout: true)
            : new RowCount(await connection.ScalarAsync<long>($"select count(*) from {quoted}", cancellationToken), IsAbout: false);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsAbout ? "about " : "")}{Rows:N0}");
}
