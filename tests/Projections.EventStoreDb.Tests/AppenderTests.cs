using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.TestServer;

namespace Projections.EventStoreDb.Tests;

public sealed class AppenderTests
{
    private static readonly EventToAppend[] Two = [new("a", "{}"u8.ToArray()), new("b", "{}"u8.ToArray())];

    [Fact]
    public async Task Appends_are_taken_when_the_stream_is_as_expected_and_refused_when_not()
    {
        await using var node = await TestNode.StartAsync();
        using var appender = new EventStoreAppender(node.ConnectionString);

        (await appender.AppendAsync("a-1", StreamState.NoStream, Two)).ShouldBe(1);
        (await appender.AppendAsync("a-1", StreamState.At(1), Two)).ShouldBe(3);
        (await appender.AppendAsync("a-1", StreamState.Exists, Two)).ShouldBe(5);
        (await appender.AppendAsync("a-1", StreamState.Any, Two)).ShouldBe(7);

        var late = await Should.ThrowAsync<WrongExpectedRevision>(() => appender.AppendAsync("a-1", StreamState.At(3), Two));
        late.Actual.ShouldBe(7);
        late.Message.ShouldBe("Nothing was appended to 'a-1': expected revision 3, but it is at revision 7. Read the stream and decide again.");
        (await Should.ThrowAsync<WrongExpectedRevision>(() => appender.AppendAsync("a-1", StreamState.NoStream, Two))).Actual.ShouldBe(7);
        var missing = await Should.ThrowAsync<WrongExpectedRevision>(() => appender.AppendAsync("a-2", StreamState.Exists, Two));
        missing.Actual.ShouldBeNull();
        missing.Message.ShouldContain("does not exist");
        node.Log.Count.ShouldBe(8);
    }

    [Fact]
    public async Task A_stream_with_a_tombstone_takes_nothing_and_a_deleted_one_goes_on()
    {
        await using var node = await TestNode.StartAsync();
        using var appender = new EventStoreAppender(node.ConnectionString);
        await appender.AppendAsync("a-1", StreamState.NoStream, Two);
        await appender.AppendAsync("a-2", StreamState.NoStream, Two);
        node.Log.Delete("a-1", forGood: true);
        node.Log.Delete("a-2", forGood: false);

        (await Should.ThrowAsync<StreamDeleted>(() => appender.AppendAsync("a-1", StreamState.Any, Two))).Stream.ShouldBe("a-1");
        (await appender.AppendAsync("a-2", StreamState.NoStream, Two)).ShouldBe(3);
    }
}
