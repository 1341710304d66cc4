using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using Projections.Testing;
using Projections.TestServers;
using Projections.Web.Security;

namespace Projections.Web;

/// <summary>Who comes in with a token or a key, what they may do, and what is kept of it.</summary>
public sealed class SignInTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly (string Text, ApiKey Key) Ana = ApiKey.Make("ana", CallerRole.Operator);

    [PostgresFact]
    public async Task A_token_of_the_provider_lets_somebody_in_by_its_name_and_roles_beside_keys()
    {
        await using var provider = await TokenProvider.StartAsync();
        await using var world = await WebWorld.CreateAsync(postgres, 5, options => WithTokens(options, provider));

        var about = await (await world.Caller(provider.Token("eva", ["reader"])).GetAsync("/about")).ShouldBeAsync(HttpStatusCode.OK);
        (about.Text("caller"), about.GetProperty("mayCommand").GetBoolean()).ShouldBe(("eva", false));
        (await (await world.Caller(provider.Token("eva", ["team-x", "operator"])).GetAsync("/about")).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("mayCommand").GetBoolean().ShouldBeTrue();
        (await world.Caller(Ana.Text).GetAsync("/about")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await (await world.Caller(provider.Token("eva", ["team-x"])).GetAsync("/projections")).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "forbidden");
    }

    [PostgresFact]
    public async Task A_token_that_is_not_as_it_should_be_lets_nobody_in()
    {
        await using var provider = await TokenProvider.StartAsync();
        await using var other = await TokenProvider.StartAsync();
        await using var world = await WebWorld.CreateAsync(postgres, 5, options => WithTokens(options, provider));
        var shared = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(new string('x', 64)));
        string Bad(Action<SecurityTokenDescriptor> change) => provider.Token("eva", ["operator"], change);
        var good = provider.Token("eva", ["operator"]);
        var parts = good.Split('.');

        foreach (var (why, token) in ((string, string)[])
        [
            ("expired", Bad(token => token.Expires = DateTime.UtcNow.AddMinutes(-1))),
            ("not yet", Bad(token => token.NotBefore = DateTime.UtcNow.AddMinutes(5))),
            ("never expires", Bad(token => token.Expires = null)),
            ("another audience", Bad(token => token.Audience = "shop")),
            ("another issuer", Bad(token => token.Issuer = "https://evil.example")),
            ("no name", Bad(token => token.Claims!.Remove("sub"))),
            ("a shared secret", Bad(token => token.SigningCredentials = new SigningCredentials(shared, SecurityAlgorithms.HmacSha256))),
            ("an algorithm that is not allowed", Bad(token => token.SigningCredentials = new SigningCredentials(token.SigningCredentials!.Key, SecurityAlgorithms.RsaSha512))),
            ("no signature", Bad(token => token.SigningCredentials = null)),
            ("another provider's key", other.Token("eva", ["operator"], token => token.Issuer = provider.Issuer)),
            ("another signature", $"{parts[0]}.{parts[1]}.{new string('A', parts[2].Length)}"),
            ("changed", $"{parts[0]}.{Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(parts[1]).Replace("eva", "ana", StringComparison.Ordinal))}.{parts[2]}"),
            ("no token", "abc.def.ghi"),
        ])
        {
            (await world.Caller(token).GetAsync("/about")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized, why);
        }

        (await world.Caller(good).GetAsync("/about")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [PostgresFact]
    public async Task A_provider_that_changes_its_keys_is_followed_without_a_restart()
    {
        await using var provider = await TokenProvider.StartAsync();
        await using var world = await WebWorld.CreateAsync(postgres, 5, options => WithTokens(options, provider));
        var before = provider.Token("eva", ["reader"]);
        (await world.Caller(before).GetAsync("/about")).StatusCode.ShouldBe(HttpStatusCode.OK);

        provider.Rotate();

        var after = world.Caller(provider.Token("eva", ["reader"]));
        await Deadline.UntilAsync(async () => (await after.GetAsync("/about")).StatusCode, status => status == HttpStatusCode.OK, "let in by the new key");
    }

    [PostgresFact]
    public async Task A_provider_that_is_away_keeps_nobody_out_who_has_a_key()
    {
        var provider = await TokenProvider.StartAsync();
        var token = provider.Token("eva", ["reader"]);
        await using var world = await WebWorld.CreateAsync(postgres, 5, options => WithTokens(options, provider));
        await provider.DisposeAsync();

        await (await world.Caller(token).GetAsync("/about")).ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "unavailable");
        (await world.Caller(Ana.Text).GetAsync("/about")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [PostgresFact]
    public async Task A_role_may_do_what_its_rights_say_to_the_projections_that_they_name()
    {
        await using var provider = await TokenProvider.StartAsync();
        await using var world = await WebWorld.CreateAsync(postgres, 5, options =>
        {
            WithTokens(options, provider);
            RoleRights.TryParse("team-billing", "rebuild, throttle, switch invoice_*; pause *", out var rights).ShouldBeTrue();
            options.Roles = [rights!];
        });
        var bo = world.Caller(provider.Token("bo", ["team-billing"]));

        (await (await bo.GetAsync("/about")).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("rights").EnumerateArray().Select(right => right.GetString()).ShouldBe(["rebuild, throttle, switch invoice_*", "pause *"]);
        (await (await bo.CommandAsync("/projections/open_items/rebuild", new { to = 1 })).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "forbidden")).ShouldContain("'bo' may not rebuild 'open_items'");
        (await (await bo.CommandAsync("/projections/invoice_summary/switch", new { to = 1, with = new[] { "open_items=1" } })).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "forbidden"))
            .ShouldContain("'bo' may not switch 'open_items'", Case.Sensitive, "what goes with it takes the same right");
        foreach (var others in (string[])["open_items", "*"])
        {
            (await (await bo.CommandAsync("/projections/invoice_summary/rebuild", new { with = new[] { others } })).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "forbidden")).ShouldContain("'bo' may not rebuild");
        }

        await (await bo.CommandAsync("/projections/invoice_summary/retire", new { version = 1 })).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "forbidden");
        await (await bo.CommandAsync("/projections/invoice_summary/rebuild", new { to = 1, throttle = 50 })).ShouldBeAsync(HttpStatusCode.Accepted);
    }

    [PostgresFact]
    public async Task Whoever_watches_is_told_which_commands_they_may_give_about_each_projection()
    {
        await using var provider = await TokenProvider.StartAsync();
        await using var world = await WebWorld.CreateAsync(postgres, 5, options =>
        {
            WithTokens(options, provider);
            RoleRights.TryParse("team-billing", "rebuild, throttle invoice_*; pause *", out var rights).ShouldBeTrue();
            options.Roles = [rights!];
        });

        using var watching = await world.Caller(provider.Token("bo", ["team-billing"])).GetAsync("/progress", HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await watching.Content.ReadAsStreamAsync());
        string? line;
        do
        {
            line = await lines.ReadLineAsync();
        }
        while (line is not (null or "event: rights"));

        var rights = JsonDocument.Parse((await lines.ReadLineAsync())!["data: ".Length..]).RootElement;
        rights.GetProperty("invoice_summary").EnumerateArray().Select(verb => verb.GetString()).ShouldBe(["pause", "rebuild", "throttle"]);
        rights.GetProperty("open_items").EnumerateArray().Select(verb => verb.GetString()).ShouldBe(["pause"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("switch")]
    [InlineData("swich invoice_*")]
    [InlineData("switch invoice_*; ; pause")]
    public void Rights_that_name_no_command_or_no_projection_are_refused(string setting) =>
        RoleRights.TryParse("team", setting, out _).ShouldBeFalse();

    [PostgresFact]
    public async Task What_somebody_changes_stands_in_the_history_with_who_from_where_and_why()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 300, options => options.ApiKeys = [Ana.Key]);
        var ana = world.Caller(Ana.Text);
        await (await ana.CommandAsync("/projections/invoice_summary/rebuild", new { to = 1, throttle = 10 })).ShouldBeAsync(HttpStatusCode.Accepted);
        await (await ana.CommandAsync("/projections/invoice_summary/throttle", new { eventsPerSecond = 20, why = "it is night" })).ShouldBeAsync(HttpStatusCode.OK);

        var history = await (await ana.GetAsync("/projections/invoice_summary/history")).ShouldBeAsync(HttpStatusCode.OK);

        var commands = history.GetProperty("commands").EnumerateArray().ToList();
        commands.Select(command => command.Text("command")).ShouldBe(["throttle", "rebuild"]);
        (commands[0].Text("who"), commands[0].Text("from"), commands[0].Text("why"), commands[0].Text("outcome"))
            .ShouldBe(("ana", "http from 127.0.0.1", "it is night", "invoice_summary v1 takes at most 20 events a second from now on."));
    }

    [PostgresFact]
    public async Task A_key_counts_and_counts_no_more_when_its_file_says_so()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "# nobody yet\n");
            await using var world = await WebWorld.CreateAsync(postgres, 5, options => options.ApiKeysFile = file);
            var ana = world.Caller(Ana.Text);
            (await ana.GetAsync("/about")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

            await File.WriteAllTextAsync(file, $"ana={Ana.Key.Setting}\n");
            await Deadline.UntilAsync(async () => (await ana.GetAsync("/about")).StatusCode, status => status == HttpStatusCode.OK, "let in by a new key");

            await File.WriteAllTextAsync(file, "");
            await Deadline.UntilAsync(async () => (await ana.GetAsync("/about")).StatusCode, status => status == HttpStatusCode.Unauthorized, "refuse a key that was taken back");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Sign_ins_that_fail_are_counted_and_told_with_their_address_once_a_minute()
    {
        var counted = 0L;
        using var listener = new MeterListener { InstrumentPublished = (instrument, all) => { if (instrument.Name == "projections.sign_ins.failed") { all.EnableMeasurementEvents(instrument); } } };
        listener.SetMeasurementEventCallback<long>((_, measured, _, _) => Interlocked.Add(ref counted, measured));
        listener.Start();
        using var log = new RecordedLog();
        var time = new ManualTime();
        var failed = new FailedSignIns(time, new Logger<FailedSignIns>(log));
        var (one, other) = (IPAddress.Parse("10.0.0.7"), IPAddress.Parse("10.0.0.8"));

        failed.Note(one, "the key is not known");
        failed.Note(one, "the key is not known");
        failed.Note(other, "the token has expired");
        time.Advance(TimeSpan.FromMinutes(2));
        failed.Note(one, "the token has expired");

        log.Lines.ShouldBe(
        [
            (LogLevel.Warning, "Sign-ins from 10.0.0.7 failed: 1, the last because the key is not known."),
            (LogLevel.Warning, "Sign-ins from 10.0.0.8 failed: 1, the last because the token has expired."),
            (LogLevel.Warning, "Sign-ins from 10.0.0.7 failed: 2, the last because the token has expired."),
        ]);
        counted.ShouldBeGreaterThanOrEqualTo(4);
    }

    private static void WithTokens(WebOptions options, TokenProvider provider)
    {
        options.ApiKeys = [Ana.Key];
        options.Tokens.Issuer = provider.Issuer;
        options.Tokens.Audience = TokenProvider.Audience;
    }
}
