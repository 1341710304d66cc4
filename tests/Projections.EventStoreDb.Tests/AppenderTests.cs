using Projections.Events;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Testing;

namespace Projections.EventStoreDb.Tests;

public sealed class AppenderTests
{
    // Each time with ids of their own: a store takes the same ids once.
    private static EventToAppend[] Two => [new("a", "{}"u8.ToArray()), new("b", "{}"u8.ToArray())];

    [Theory, OnTestServer, OnRealServer]
    public async Task Appends_are_taken_when_the_stream_is_as_expected_and_refused_when_not(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        using var appender = new EventStoreAppender(store.ConnectionString);
        var stream = store.Named("a-1");

        (await appender.AppendAsync(stream, StreamState.NoStream, Two)).ShouldBe(1);
        (await appender.AppendAsync(stream, StreamState.At(1), Two)).ShouldBe(3);
        (await appender.AppendAsync(stream, StreamState.Exists, Two)).ShouldBe(5);
        (await appender.AppendAsync(stream, StreamState.Any, Two)).ShouldBe(7);

        var late = await Should.ThrowAsync<WrongExpectedRevision>(() => appender.AppendAsync(stream, StreamState.At(3), Two));
        late.Actual.ShouldBe(7);
        late.Message.ShouldBe($"Nothing was appended to '{stream}': expected revision 3, but it is at revision 7. Read the stream and decide again.");
        (await Should.ThrowAsync<WrongExpectedRevision>(() => appender.AppendAsync(stream, StreamState.NoStream, Two))).Actual.ShouldBe(7);
        var missing = await Should.ThrowAsync<WrongExpectedRevision>(() => appender.AppendAsync(store.Named("a-2"), StreamState.Exists, Two));
        missing.Actual.ShouldBeNull();
        missing.Message.ShouldContain("does not exist");
        await using var source = await store.OpenSourceAsync(ReadingTools.Quick with { Target = LogTarget.OfStream(stream) });
        (await source.GetSafeHeadAsync(CancellationToken.None)).Position.ShouldBe(new EventPosition(7));
        (await source.ReadAllAsync()).Count.ShouldBe(8);
    }

    [Theory, OnTestServer, OnRealServer]
    public async Task A_stream_with_a_tombstone_takes_nothing_and_a_deleted_one_goes_on(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        using var appender = new EventStoreAppender(store.ConnectionString);
        await store.AppendAsync("a-1", Two);
        await store.AppendAsync("a-2", Two);
        await store.TombstoneAsync("a-1");
        await store.DeleteAsync("a-2");

        (await Should.ThrowAsync<StreamDeleted>(() => appender.AppendAsync(store.Named("a-1"), StreamState.Any, Two))).Stream.ShouldBe(store.Named("a-1"));
        (await appender.AppendAsync(store.Named("a-2"), StreamState.NoStream, Two)).ShouldBe(3);
    }
}
