using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Projections.Web;

/// <summary>Commands, and what is expected of answers.</summary>
internal static class Answers
{
    public static async Task<HttpResponseMessage> CommandAsync(this HttpClient caller, string path, object? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await caller.SendAsync(request);
    }

    /// <summary>Checks the status, and reads the body.</summary>
    public static async Task<JsonElement> ShouldBeAsync(this HttpResponseMessage answer, HttpStatusCode status)
    {
        var body = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(status, body);
        return JsonDocument.Parse(body).RootElement.Clone();
    }

    /// <summary>Checks that the answer is problem details of a kind, and reads what it says to people.</summary>
    public static async Task<string> ShouldBeProblemAsync(this HttpResponseMessage answer, HttpStatusCode status, string kind)
    {
        var problem = await answer.ShouldBeAsync(status);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        problem.Text("kind").ShouldBe(kind);
        return problem.Text("detail");
    }

    public static string Text(this JsonElement element, string property) => element.GetProperty(property).GetString()!;
}
