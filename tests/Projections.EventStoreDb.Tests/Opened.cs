namespace Projections.EventStoreDb.Tests;

/// <summary>How the tests of reading reach a store. Where they run through another client, that has a file of its own in place of this one.</summary>
internal static class Opened
{
    public static IEventLog Log(string connectionString, EventStoreDbSourceOptions? options = null) => new GrpcEventLog(connectionString, options);

    public static Task<EventStoreDbSource> SourceAsync(string connectionString, EventStoreDbSourceOptions? options = null) =>
        EventStoreDbSource.OpenAsync(Log(connectionString, options), options);
}
