using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Planning;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>A switch is refused when its readers would see other rows or columns than before.</summary>
public sealed class AccessTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string Policies =
        """
        alter table {0} enable row level security;
        create policy own_rows on {0} for select using (id::text = current_setting('app.tally', true) or exists (select from pg_roles where rolname = {0}.id::text));
        create policy not_zero on {0} as restrictive for all to public using (total <> 0) with check (total > 0);
        """;

    [PostgresFact]
    public async Task A_version_without_the_row_level_security_of_the_live_one_is_refused()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await ProtectAsync(world, "tally_v1");

        (await RefusedAsync(system, 2)).ShouldBe(
            "same-access: readers would not see the same rows and columns: tally_v1 has row-level security and tally_v2 has none."
            + " Change tally_v2, and for later builds projections/Tally/V2/table.sql; if it is meant, say so with '--accept-access'.");

        await ProtectAsync(world, "tally_v2");
        (await World.SwitchAsync(system, "tally", 2)).To.ShouldBe(2);
        await world.Database.ExecuteAsync("alter table tally_v1 disable row level security");
        (await RefusedAsync(system, 1)).ShouldContain("tally_v2 has row-level security and tally_v1 has none");
        (await World.SwitchAsync(system, "tally", 1, new SwitchCommand { AcceptAccess = true })).To.ShouldBe(1);
    }

    [PostgresTheory]
    [InlineData("alter policy own_rows on tally_v2 using (true)", "tally_v2 has the policy 'own_rows' (for select to public using true) and tally_v1 has not")]
    [InlineData("alter policy not_zero on tally_v2 with check (true)", "with check true) and tally_v1 has not")]
    [InlineData("alter policy not_zero on tally_v2 to pg_monitor", "tally_v1 has the restrictive policy 'not_zero' (for all to public using (total <> 0) with check (total > 0)) and tally_v2 has not")]
    [InlineData("drop policy not_zero on tally_v2; create policy not_zero on tally_v2 using (total <> 0) with check (total > 0)", "tally_v2 has the policy 'not_zero'")]
    [InlineData("drop policy own_rows on tally_v2; create policy own_rows on tally_v2 for delete using (true)", "tally_v2 has the policy 'own_rows' (for delete to public using true) and tally_v1 has not")]
    [InlineData("alter table tally_v2 force row level security", "the policies of tally_v2 count for its owner, and those of tally_v1 do not")]
    public async Task Policies_are_compared_by_what_they_say(string change, string difference)
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await ProtectAsync(world, "tally_v1");
        await ProtectAsync(world, "tally_v2");
        await world.Database.ExecuteAsync("alter policy own_rows on tally_v1 rename to another_name");
        (await new ReadSwitch(system).CheckAsync(new VersionId(TallyWorld.Tally, 2), new SwitchCommand(), CancellationToken.None)).ShouldBeEmpty();

        await world.Database.ExecuteAsync(change);

        (await RefusedAsync(system, 2)).ShouldContain(difference);
    }

    [PostgresFact]
    public async Task A_reader_for_whom_policies_do_not_count_as_the_new_tables_owner_is_named()
    {
        await using var world = await World.CreateAsync(postgres);
        await using var roles = await Roles.CreateAsync(world);
        var (system, _) = await world.BuildBothTalliesAsync();
        await ProtectAsync(world, "tally_v1");
        await ProtectAsync(world, "tally_v2");
        await world.Database.ExecuteAsync(
            $"alter view tally owner to {roles.Owner}; grant select on tally_v1 to {roles.Owner}; alter table tally_v2 owner to {roles.Owner}");

        (await RefusedAsync(system, 2)).ShouldContain($"policies of only one of the tables count for {roles.Owner}, because one has another owner");
    }

    [PostgresFact]
    public async Task Columns_that_default_privileges_open_to_a_reader_are_named()
    {
        await using var world = await World.CreateAsync(postgres);
        await using var roles = await Roles.CreateAsync(world);
        await world.SeedTalliesAsync(10);
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.Database.ExecuteAsync(
            $"grant select (id) on tally to {roles.Guest}; alter default privileges in schema public grant select on tables to {roles.Guest}");
        await world.BuildAsync(system, "tally", 2);

        (await RefusedAsync(system, 2)).ShouldContain($"columns of tally_v2 can be read that cannot be read now, by {roles.Guest} (total, events, biggest)");
    }

    [PostgresFact]
    public async Task Readers_who_could_read_nothing_any_more_are_named()
    {
        await using var world = await World.CreateAsync(postgres);
        await using var roles = await Roles.CreateAsync(world);
        var (system, _) = await world.BuildBothTalliesAsync();
        await world.Database.ExecuteAsync(
            $"""
            alter view tally set (security_invoker = true);
            grant select (id, total, events) on tally, tally_v1 to {roles.Guest};
            """);

        (await RefusedAsync(system, 2)).ShouldContain(
            $"'tally' runs with its readers' rights and is to show columns that they have none on, so that they could read nothing of it: {roles.Guest} (biggest)");
        (await World.SwitchAsync(system, "tally", 2, new SwitchCommand { KeepContract = true })).To.ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_plan_says_before_anything_is_built_that_readers_would_see_other_rows()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(10);
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        (await new Plan(system).RunAsync(TallyWorld.Tally, 2, CancellationToken.None)).Remarks.ShouldNotContain(remark => remark.Contains("--accept-access"));
        await ProtectAsync(world, "tally_v1");

        var plan = await new Plan(system).RunAsync(TallyWorld.Tally, 2, CancellationToken.None);

        plan.Remarks.ShouldContain(
            "The switch will be refused, as readers would not see the same rows and columns: tally_v1 has row-level security and tally_v2 has none."
            + " Change projections/Tally/V2/table.sql or, where it is meant, switch with '--accept-access'.");
    }

    private static Task ProtectAsync(World world, string table) => world.Database.ExecuteAsync(Policies.Replace("{0}", table, StringComparison.Ordinal));

    private static async Task<string> RefusedAsync(ProjectionSystem system, int version) =>
        (await Should.ThrowAsync<SwitchRefused>(World.SwitchAsync(system, "tally", version))).Failures.ShouldHaveSingleItem().ToString();
}
