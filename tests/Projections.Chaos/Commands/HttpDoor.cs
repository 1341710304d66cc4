using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Projections.Chaos.Ground;

namespace Projections.Chaos.Commands;

/// <summary>The API of some worker.</summary>
internal sealed class HttpDoor(IReadOnlyList<Seat> fleet) : IDoor, IDisposable
{
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromMinutes(2) };

    public string Name => "HTTP";

    public int Weight => 6;

    public bool Knows(ChaosCommand command) => true;

    public async Task<Answer> SendAsync(ChaosCommand command, Random random)
    {
        var seat = fleet[random.Next(fleet.Count)];
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(seat.Address, $"/projections/{command.Projection}/{command.Verb}"))
        {
            Content = JsonContent.Create(Body(command)),
        };
        request.Headers.Add("Idempotency-Key", command.Id.ToString());
        try
        {
            using var response = await _client.SendAsync(request);
            var text = await TextAsync(response);
            return response.StatusCode switch
            {
                < HttpStatusCode.Ambiguous => Answer.Done(text),
                HttpStatusCode.InternalServerError => Answer.Bad($"worker {seat.Number}: {text}"),
                HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => Answer.Unavailable(text),
                _ => Answer.Refused(text),
            };
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            // The worker was killed, or sleeps.
            return Answer.Unavailable($"worker {seat.Number} did not answer");
        }
    }

    public void Dispose() => _client.Dispose();

    private static async Task<string> TextAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        using var json = body.StartsWith('{') ? JsonDocument.Parse(body) : null;
        var detail = json?.RootElement.TryGetProperty("detail", out var found) == true ? found.GetString() : body;
        return string.Create(CultureInfo.InvariantCulture, $"{(int)response.StatusCode} {detail}");
    }

    private static object Body(ChaosCommand command) => command.Verb switch
    {
        "rebuild" => new { to = command.Version, throttle = command.EventsPerSecond, switchWhenReady = command.SwitchWhenReady, shards = command.Shards, why = "chaos" },
        "switch" => new { to = command.Version, patienceSeconds = 20, why = "chaos" },
        "rollback" => new { patienceSeconds = 20, why = "chaos" },
        "throttle" => new { eventsPerSecond = command.EventsPerSecond, version = command.Version, why = "chaos" },
        "verify" => new { patienceSeconds = 20, why = "chaos" },
        "repair" => new { version = command.Version, keys = (string[])[command.Key], why = "chaos" },
        _ => new { version = command.Version, why = "chaos" },
    };
}
