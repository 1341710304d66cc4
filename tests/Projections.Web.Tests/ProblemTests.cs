using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Projections.Definitions;
using Projections.Operations;

namespace Projections.Web;

public sealed class ProblemTests
{
    [Fact]
    public async Task A_command_of_which_nobody_knows_what_it_did_is_neither_refused_nor_unavailable()
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = services };
        context.Response.Body = body;

        await new ProblemOfException(NullLogger<ProblemOfException>.Instance).TryHandleAsync(
            context, new OutcomeUnknown(new ProjectionName("tally"), "It is not known.", new TimeoutException()), CancellationToken.None);

        context.Response.StatusCode.ShouldBe(504);
        var problem = JsonDocument.Parse(body.ToArray()).RootElement;
        (problem.GetProperty("kind").GetString(), problem.GetProperty("detail").GetString()).ShouldBe(("unknown", "It is not known."));
    }
}
