using Projections.EventStoreDb.Connection;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Grpc;

namespace Projections.EventStoreDb.Tests.Connection;

public sealed class StoreErrorsTests
{
    [Theory]
    [InlineData("access-denied", GrpcStatusCode.Unknown, typeof(AccessDenied), false)]
    [InlineData("not-leader", GrpcStatusCode.NotFound, typeof(NotLeader), true)]
    [InlineData("stream-not-found", GrpcStatusCode.NotFound, typeof(StreamNotFound), false)]
    [InlineData("stream-deleted", GrpcStatusCode.FailedPrecondition, typeof(StreamDeleted), false)]
    [InlineData(null, GrpcStatusCode.PermissionDenied, typeof(AccessDenied), false)]
    [InlineData(null, GrpcStatusCode.Unauthenticated, typeof(NotAuthenticated), false)]
    [InlineData(null, GrpcStatusCode.DeadlineExceeded, typeof(DeadlineExceeded), true)]
    [InlineData(null, GrpcStatusCode.Unavailable, typeof(ServerUnavailable), true)]
    [InlineData(null, GrpcStatusCode.ResourceExhausted, typeof(ServerUnavailable), true)]
    [InlineData(null, GrpcStatusCode.Internal, typeof(CallFailed), true)]
    [InlineData(null, GrpcStatusCode.Unimplemented, typeof(CallFailed), false)]
    [InlineData("something-new", GrpcStatusCode.Unavailable, typeof(ServerUnavailable), true)]
    public void What_a_call_failed_with_is_said_in_the_stores_words_and_whether_it_passes(string? said, object status, Type expected, bool passes)
    {
        Dictionary<string, string> trailers = said is null ? [] : new() { ["exception"] = said, ["stream-name"] = "invoice-1" };

        var error = StoreErrors.Translate(new GrpcFailed((GrpcStatusCode)status, "because", trailers), "Reading $all from a:2113", TimeSpan.FromSeconds(3));

        error.ShouldBeOfType(expected);
        error.IsPassing.ShouldBe(passes);
        error.Message.ShouldContain(error is StreamNotFound or StreamDeleted ? "invoice-1" : "Reading $all from a:2113");
    }

    [Fact]
    public void A_subscription_of_which_more_was_wanted_than_the_server_keeps_has_a_word_of_its_own() =>
        StoreErrors.Translate(
            new GrpcFailed(GrpcStatusCode.Aborted, "Operation timed out: Consumer too slow to handle event while transitioning to live. Client resubscription required."), "Following")
            .ShouldBeOfType<ConsumerTooSlow>().IsPassing.ShouldBeTrue();

    [Fact]
    public void The_leader_is_told_where_the_node_knows_it_and_the_deadline_where_there_was_one()
    {
        var trailers = new Dictionary<string, string> { ["exception"] = "not-leader", ["leader-endpoint-host"] = "b", ["leader-endpoint-port"] = "2114" };

        ((NotLeader)StoreErrors.Translate(new GrpcFailed(GrpcStatusCode.NotFound, "", trailers), "Reading")).Leader.ShouldBe(new NodeEndpoint("b", 2114));
        StoreErrors.Translate(new GrpcFailed(GrpcStatusCode.DeadlineExceeded, ""), "Reading", TimeSpan.FromSeconds(3)).Message.ShouldContain("within 3 s");
    }

    [Theory]
    [InlineData("Unexpected ReadAllResult: InvalidPosition")]
    [InlineData("Subscription could not be started: invalid position")]
    public void A_position_that_is_none_is_known_by_the_servers_words(string detail) =>
        StoreErrors.Translate(new GrpcFailed(GrpcStatusCode.Unknown, detail), "Reading").ShouldBeOfType<InvalidPosition>().IsPassing.ShouldBeFalse();
}
