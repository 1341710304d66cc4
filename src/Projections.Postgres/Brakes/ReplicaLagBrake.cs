using System.Globalization;
using System.IO.Enumeration;
using Npgsql;

namespace Projections.Postgres.Brakes;

/// <summary>Holds while a replica is behind: who reads there sees what is old, and that is lost should it have to take over.</summary>
/// <param name="most">How far it may be behind.</param>
/// <param name="leftOut">Replicas that are not waited for, by their application names: commas between, <c>*</c> for any letters; <c>null</c> for none.</param>
internal sealed class ReplicaLagBrake(TimeSpan most, string? leftOut = null) : IBrake
{
    // A role without pg_read_all_stats reads NULL; then nothing is known, and nothing is waited for. The view goes through all sessions of the server, which takes
    // milliseconds where there are thousands; the function behind it only through the senders.
    private const string Behind =
        """
        SELECT application_name, extract(epoch FROM replay_lag)::float8
        FROM pg_stat_replication
        WHERE replay_lag > $1 AND EXISTS (SELECT FROM pg_stat_get_wal_senders())
        ORDER BY replay_lag DESC
        """;

    private readonly string[] _leftOut = leftOut?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    public string Name => "replica-lag";

    public async Task<string?> FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var behind = await connection.QueryAsync(Behind, row => (Name: row.GetString(0), Seconds: row.GetDouble(1)), cancellationToken, most);
        foreach (var replica in behind)
        {
            if (!IsLeftOut(replica.Name))
            {
                return string.Create(CultureInfo.InvariantCulture, $"the replica '{replica.Name}' is {replica.Seconds:0.#} s behind, {most.TotalSeconds:0.#} s are borne");
            }
        }

        return null;
    }

    private bool IsLeftOut(string replica) => Array.Exists(_leftOut, pattern => FileSystemName.MatchesSimpleExpression(pattern, replica, ignoreCase: false));
}
