using Npgsql;

namespace Projections.Tables;

/// <summary>Where a fold finds the rows that it does not have in memory: <see cref="RowLoader{TKey, TRow}"/>, but where there is no database.</summary>
internal interface IRowLoader<TKey, TRow>
    where TKey : notnull
    where TRow : class, new()
{
    /// <summary>Reads the rows of all <paramref name="keys"/>, and notes for the others that the table has none.</summary>
    Task LoadAsync(RowSet<TKey, TRow> rows, List<TKey> keys, NpgsqlConnection connection, CancellationToken cancellationToken);
}
