using System.Globalization;
using Npgsql;
using Projections.EventStoreDb.Connection;

namespace Projections.Hosting.Configuration;

/// <summary>What people are told of a connection string: where it leads, and nothing that is secret.</summary>
internal static class ServerAddress
{
    public static string Of(string connectionString)
    {
        if (connectionString.Contains("://", StringComparison.Ordinal))
        {
            return $"the event store on {ConnectionString.Parse(connectionString)}";
        }

        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        return string.Create(CultureInfo.InvariantCulture, $"database '{builder.Database ?? builder.Username ?? "(default)"}' on {builder.Host}:{builder.Port}");
    }
}
