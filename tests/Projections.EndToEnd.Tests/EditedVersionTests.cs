using System.Text.Json;
using System.Text.Json.Serialization;
using Projections.Catalog;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Operations;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>A version that is not what its table was built with is not followed; the others are.</summary>
public sealed class EditedVersionTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_live_version_whose_folder_was_edited_stops_loudly_and_leaves_the_others_alone_until_the_edit_is_accepted()
    {
        await using var world = await World.CreateAsync(postgres);
        var (_, worker) = await world.BuildBothTalliesAsync();
        await world.StopAsync(worker);
        await world.AddAsync(TallyWorld.StreamOf(1), 1);
        var edited = new TallyV1();
        edited.Folder = edited.Folder with { Hash = new string('e', 64), TopHash = new string('e', 64) };
        var changed = await world.OpenAsync(ProjectionRegistry.Of(edited, new TallyV2()));

        world.Start(changed);

        var failed = await world.UntilAsync("tally", 1, version => version.State == VersionState.Failed, "failed");
        failed.Failure.ShouldBe(
            "tally v1 was built with another content of projections/Tally/V1: the catalog has 111111111111, this program has eeeeeeeeeeee. "
            + "A version does not change once it is built: undo the change and make it in a new folder V2, or, if the rows are the same either way (a comment, a name), "
            + "accept it with 'projections accept tally --version 1 --why \"…\"'. Then run 'projections resume tally --version 1'.");
        failed.IsLeased.ShouldBeFalse();
        await world.EventuallyAsync("select sum(total)::bigint from tally_v2", 501L);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally")).ShouldBe(500);

        var accepted = await new AcceptCommand { Projection = TallyWorld.Tally, Version = 1, Why = "because" }.RunAsync(changed, World.Someone, CancellationToken.None);
        accepted.Outcome.ShouldBe("tally v1 is accepted as it is now. Run 'projections resume tally --version 1' to go on with it.");
        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(changed, World.Someone, CancellationToken.None);
        await world.EventuallyAsync("select sum(total)::bigint from tally", 501L);
        await world.BecomesAsync("tally", 1, VersionState.Live);
    }

    [PostgresFact]
    public async Task Versions_whose_shared_event_types_were_edited_stop()
    {
        await using var world = await World.CreateAsync(postgres);
        var (_, worker) = await world.BuildBothTalliesAsync();
        await world.StopAsync(worker);
        await world.AddAsync(TallyWorld.StreamOf(1), 1);
        var types = EventTypes.Create(types => types
            .Using(new JsonSerializerOptions(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.AllowReadingFromString })
            .Map<Added>(TallyEvents.Added));

        world.Start(await world.OpenAsync(ProjectionRegistry.Of(new TallyV1(types), new TallyV2(types))));

        foreach (var number in new[] { 1, 2 })
        {
            (await world.UntilAsync("tally", number, version => version.State == VersionState.Failed, "failed")).Failure.ShouldStartWith(
                $"tally v{number} was built with other declarations of its event types: the catalog has ");
        }

        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(500);
    }

    [PostgresFact]
    public async Task A_manifest_of_the_first_scheme_is_compared_by_that_and_written_anew()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, worker) = await world.BuildBothTalliesAsync();
        await new PauseCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.UntilAsync("tally", 2, version => !version.IsLeased, "let go of");
        await world.StopAsync(worker);
        await world.Database.ExecuteAsync("update projections.version set manifest = repeat(number::text, 64)");

        world.Start(system);
        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);

        await world.BecomesAsync("tally", 2, VersionState.Ready);
        await world.EventuallyAsync("select count(*) from projections.version where manifest ~ ('^2:' || number || '{64}:[0-9a-f]{64}$')", 2L);
    }
}
