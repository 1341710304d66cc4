using Npgsql;
namespace Projections.Tables;
public sealed record TableShape(IReadOnlyList<ColumnDefinition> Columns) {
 public static Task<TableShape?> ReadAsync(NpgsqlConnection connection, string schema, string table, CancellationToken cancellationToken) => Task.FromResult<TableShape?>(null);
 public static IReadOnlyList<string> Compare(IReadOnlyList<ColumnDefinition> expected, IReadOnlyList<ColumnDefinition> found) => [];
}
