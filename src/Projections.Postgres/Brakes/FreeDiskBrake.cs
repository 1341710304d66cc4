using System.Globalization;
using Npgsql;

namespace Projections.Postgres.Brakes;

/// <summary>
/// Holds while little of the server's disk is free: a server whose disk is full stops for all. PostgreSQL does not tell how much is; it is asked by a statement of
/// the operator's, or else, where the server is on this machine, the drive with its data folder is looked at.
/// </summary>
/// <param name="least">In megabytes.</param>
/// <param name="query">A statement whose first value is the number of bytes that are free; <c>null</c> where there is none.</param>
internal sealed class FreeDiskBrake(int least, string? query) : IBrake
{
    private const double Megabyte = 1e6;

    public string Name => "free-disk";

    public async Task<string?> FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await FindFreeAsync(connection, cancellationToken) / Megabyte is { } free && free < least
            ? string.Create(CultureInfo.InvariantCulture, $"{free:N0} MB of the server's disk are free, at least {least:N0} MB are to stay")
            : null;

    private async Task<double?> FindFreeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrWhiteSpace(query))
        {
            var free = await connection.ScalarAsync<object>(query, cancellationToken);
            return free is null or DBNull ? null : Convert.ToDouble(free, CultureInfo.InvariantCulture);
        }

        return IsOnThisMachine(connection) && await FindFolderAsync(connection, cancellationToken) is { } folder ? FreeBeside(folder) : null;
    }

    private static bool IsOnThisMachine(NpgsqlConnection connection) => connection.Host is { } host
        && (host.StartsWith('/') || host is "localhost" or "127.0.0.1" or "::1");

    // Who may not know where the data are is told nothing, in place of an error.
    private static Task<string?> FindFolderAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.ScalarAsync<string>(
        "SELECT CASE WHEN pg_has_role('pg_read_all_settings', 'USAGE') THEN current_setting('data_directory') END", cancellationToken);

    // A server in a container has a folder of that name, and this machine has none, or one of something else.
    private static double? FreeBeside(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? new DriveInfo(folder).AvailableFreeSpace : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
