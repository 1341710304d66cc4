using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Projections.Checks;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Scheduling.Tests;

public sealed class ScheduleTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_fire_is_claimed_by_one_worker_of_the_fleet()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        await using var other = await checks.OpenAsync();
        var due = checks.Time.GetUtcNow();
        for (var fire = 0; fire < 20; fire++)
        {
            due += TimeSpan.FromSeconds(1);
            var claims = await Task.WhenAll(new[] { checks.System, other, checks.System, other }.Select(system =>
                CheckFires.TryClaimAsync(system, TallyWorld.Tally, due, due, default)));
            claims.Count(claimed => claimed).ShouldBe(1);
        }
    }

    [PostgresFact]
    public async Task Two_workers_with_one_schedule_check_once_at_each_fire()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        await checks.BuildFirstAsync();
        var began = DateTimeOffset.UtcNow;
        using (await StartAsync(await checks.World.OpenAsync(TallyWorld.Both), ("Cron", "* * * * * ?")))
        using (await StartAsync(await checks.World.OpenAsync(TallyWorld.Both), ("Cron", "* * * * * ?")))
        {
            await checks.World.EventuallyAsync("select count(*) >= 3 from projections.catch_up_check", true);
        }

        // As many as full seconds have begun, and one that was missed before the schedulers stood; without claims it would be twice as many.
        var most = (int)(DateTimeOffset.UtcNow - began).TotalSeconds + 2;
        (await checks.Database.ScalarAsync<long>("select count(*) from projections.catch_up_check")).ShouldBeInRange(3, most);
    }

    [PostgresFact]
    public async Task Fires_that_were_missed_while_nothing_ran_are_made_up_for_by_one()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        await checks.BuildFirstAsync();
        // A clock far from that of Quartz: only what was missed can fire.
        checks.Later(TimeSpan.FromDays(3650));
        await checks.Database.ExecuteAsync(
            $"insert into projections.check_schedule values ('tally', '{checks.Time.GetUtcNow() - TimeSpan.FromHours(10):O}', 'somebody before us')");
        await using var other = await checks.OpenAsync();
        using (await StartAsync(checks.System, ("Cron", "0 * * * * ?")))
        using (await StartAsync(other, ("Cron", "0 * * * * ?")))
        {
            // Both have made up for what was missed when they have started.
        }

        (await checks.Database.ScalarAsync<long>("select count(*) from projections.catch_up_check")).ShouldBe(1);
    }

    [Fact]
    public void A_projection_may_differ_from_the_rest()
    {
        var settings = Read(
            ("Cron", "0 */5 * * * ?"), ("MaxLag", "00:00:30"), ("Projections:tally:MaxLag", "00:10:00"), ("Projections:tally:SwitchAfterHealthyChecks", "3"), ("Projections:tally:Cron", "0 0 * * * ?"));
        var (tally, other) = (new ProjectionName("tally"), new ProjectionName("other"));
        (settings.CatchUp.For(tally).MaxLag, settings.CatchUp.For(tally).SwitchAfterHealthyChecks, settings.CronOf(tally).CronExpressionString).ShouldBe((TimeSpan.FromMinutes(10), 3, "0 0 * * * ?"));
        (settings.CatchUp.For(other).MaxLag, settings.CatchUp.For(other).SwitchAfterHealthyChecks, settings.CronOf(other).CronExpressionString).ShouldBe((TimeSpan.FromSeconds(30), null, "0 */5 * * * ?"));
    }

    [Fact]
    public void Settings_that_are_wrong_are_refused_with_all_that_is_wrong()
    {
        var refused = Should.Throw<CheckSettingsInvalid>(() => Read(("Cron", "every day"), ("Projections:tally:MaxLagg", "1"), ("Projections:other:RetireStandby", "true"), ("Projections:No:MaxLag", "1")));
        refused.Errors.Count.ShouldBe(5);
        refused.Message.ShouldContain("'every day' is no cron expression");
        refused.Message.ShouldContain("MaxLagg");
        refused.Message.ShouldContain("RetireStandby needs a StandbyRetention");
        refused.Message.ShouldContain("'No' cannot be the name of a projection");
    }

    private static CheckSettings Read(params (string Setting, string Value)[] settings) => CheckSettings.Read(Configuration(settings));

    private static IConfiguration Configuration((string Setting, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"Checks:{setting.Setting}", (string?)setting.Value))).Build();

    private static async Task<Running> StartAsync(ProjectionSystem system, params (string Setting, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(system);
        builder.Services.AddCatchUpChecks(Configuration(settings));
        var host = builder.Build();
        await host.StartAsync();
        await host.Services.GetServices<IHostedService>().OfType<CatchUpService>().Single().Scheduled.WaitAsync(TimeSpan.FromMinutes(1));
        return new Running(host);
    }

    private sealed class Running(IHost host) : IDisposable
    {
        public void Dispose()
        {
            host.StopAsync().GetAwaiter().GetResult();
            host.Dispose();
        }
    }
}
