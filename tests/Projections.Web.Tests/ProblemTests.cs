using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Projections.Definitions;
using Projections.Faults;

namespace Projections.Web;

public sealed class ProblemTests
{
    [Fact]
    public async Task A_command_of_which_nobody_knows_what_it_did_is_neither_refused_nor_unavailable()
    {
        var (status, problem) = await TellAsync(new OutcomeUnknown(new ProjectionName("tally"), "It is not known.", new TimeoutException()));

        status.ShouldBe(504);
        (problem.GetProperty("kind").GetString(), problem.GetProperty("detail").GetString()).ShouldBe(("unknown", "It is not known."));
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task A_connection_that_broke_is_unavailable_whatever_the_driver_makes_of_it(Exception exception)
    {
        var (status, problem) = await TellAsync(exception);

        status.ShouldBe(503);
        problem.GetProperty("kind").GetString().ShouldBe("unavailable");
    }

    public static TheoryData<Exception> Broken => new(
        new NpgsqlException("Exception while reading from stream"),
        new InvalidOperationException("Connection is not open") { Source = "Npgsql" },
        new ObjectDisposedException("System.Threading.ManualResetEventSlim"),
        new ObjectDisposedException("NpgsqlTransaction", new NpgsqlException("Exception while reading from stream")));

    private static async Task<(int Status, JsonElement Problem)> TellAsync(Exception exception)
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = services };
        context.Response.Body = body;
        await new ProblemOfException(NullLogger<ProblemOfException>.Instance).TryHandleAsync(context, exception, CancellationToken.None);
        return (context.Response.StatusCode, JsonDocument.Parse(body.ToArray()).RootElement);
    }
}
