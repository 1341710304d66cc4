using Projections.EventStoreDb.OfficialClient;

namespace Projections.EventStoreDb.Tests;

/// <summary>The tests of reading reach a store by the vendor's client.</summary>
internal static class Opened
{
    public static IEventLog Log(string connectionString, EventStoreDbSourceOptions? options = null) => OfficialEventLog.Connect(connectionString, options);

    public static Task<EventStoreDbSource> SourceAsync(string connectionString, EventStoreDbSourceOptions? options = null) =>
        EventStoreDbSource.OpenAsync(Log(connectionString, options), options);
}
