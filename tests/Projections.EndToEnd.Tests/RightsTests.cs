using Npgsql;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>A switch and a rollback leave every right as it was: on the read name and on the versions' own tables, by column.</summary>
public sealed class RightsTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task Nobody_gets_more_rights_by_a_switch_and_all_have_those_of_before_after_the_rollback()
    {
        await using var world = await World.CreateAsync(postgres);
        await using var roles = await Roles.CreateAsync(world);
        var (system, _) = await world.BuildBothTalliesAsync();
        await world.Database.ExecuteAsync(
            $"""
            alter view tally set (security_invoker = true);
            grant select (id, total) on tally, tally_v1 to {roles.Guest};
            grant select on tally, tally_v1 to {roles.Reader};
            grant select (total) on tally_v1 to {roles.Owner};
            """);
        var before = await RightsAsync(world, "tally", "tally_v1", "tally_v2");

        await World.SwitchAsync(system, "tally", 2);

        (await RightsAsync(world, "tally", "tally_v1")).ShouldBe(before.Where(right => !right.StartsWith("tally_v2", StringComparison.Ordinal)));
        (await ReadableAsync(world, roles.Guest, "tally_v2")).ShouldBe(["id", "total"]);
        (await ReadableAsync(world, roles.Reader, "tally_v2")).ShouldBe(["biggest", "events", "id", "total"]);
        // It may read v1, but not the read name.
        (await ReadableAsync(world, roles.Owner, "tally_v2")).ShouldBeEmpty();
        (await SumAsync(world, roles.Reader)).ShouldBe(500);

        await new RollbackCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);

        (await RightsAsync(world, "tally", "tally_v1", "tally_v2")).ShouldBe(before);
        (await SumAsync(world, roles.Reader)).ShouldBe(500);
    }

    [PostgresFact]
    public async Task A_right_that_a_reader_was_given_after_a_switch_lets_it_read_after_the_rollback()
    {
        await using var world = await World.CreateAsync(postgres);
        await using var roles = await Roles.CreateAsync(world);
        var (system, _) = await world.BuildBothTalliesAsync();
        await world.Database.ExecuteAsync("alter view tally set (security_invoker = true)");
        await World.SwitchAsync(system, "tally", 2);
        // A group may read the table, another the read name; it is who belongs to both that reads.
        await world.Database.ExecuteAsync(
            $"grant select on tally to {roles.Guest}; grant select on tally_v2 to {roles.Owner}; grant {roles.Guest}, {roles.Owner} to {roles.Reader}");

        await World.SwitchAsync(system, "tally", 1);

        (await SumAsync(world, roles.Reader)).ShouldBe(500);
        (await ReadableAsync(world, roles.Guest, "tally_v1")).ShouldBeEmpty();
        await World.SwitchAsync(system, "tally", 2);
        (await ReadableAsync(world, roles.Owner, "tally_v1")).ShouldBeEmpty();
        (await SumAsync(world, roles.Reader)).ShouldBe(500);
    }

    [PostgresFact]
    public async Task A_widened_contract_shows_the_new_columns_to_those_who_may_see_all()
    {
        await using var world = await World.CreateAsync(postgres);
        await using var roles = await Roles.CreateAsync(world);
        var (system, _) = await world.BuildBothTalliesAsync();
        await world.Database.ExecuteAsync(
            $"alter view tally set (security_invoker = true); grant select on tally, tally_v1 to {roles.Reader}");
        await World.SwitchAsync(system, "tally", 2, new SwitchCommand { KeepContract = true });
        (await ReadableAsync(world, roles.Reader, "tally_v2")).ShouldBe(["events", "id", "total"]);

        await new WidenContractCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);

        (await ReadableAsync(world, roles.Reader, "tally_v2")).ShouldBe(["biggest", "events", "id", "total"]);
        (await SumAsync(world, roles.Reader)).ShouldBe(500);
    }

    [PostgresFact]
    public async Task A_view_that_is_made_anew_has_the_rights_of_the_old_one_with_who_gave_them_and_no_default_ones()
    {
        await using var world = await World.CreateAsync(postgres);
        await using var roles = await Roles.CreateAsync(world);
        var (system, _) = await world.BuildBothTalliesAsync();
        await World.SwitchAsync(system, "tally", 2);
        await world.Database.ExecuteAsync(
            $"""
            grant select on tally to {roles.Reader} with grant option;
            grant select (id, total) on tally to {roles.Owner} with grant option;
            set role {roles.Reader};
            grant select on tally to {roles.Guest} with grant option;
            set role {roles.Guest};
            grant select on tally to public;
            set role {roles.Owner};
            grant select (total) on tally to {roles.Guest};
            reset role;
            revoke insert, truncate on tally from current_user;
            alter default privileges in schema public grant insert, select on tables to {roles.Owner};
            """);
        var before = await RightsAsync(world, "tally");

        (await World.SwitchAsync(system, "tally", 1)).Change!.Manner.ShouldBe(ChangeManner.Recreated);

        (await RightsAsync(world, "tally")).ShouldBe(before);
        before.ShouldContain($"tally: {roles.Guest}=r*/{roles.Reader}");
    }

    /// <summary>Every entry of the access lists of relations, of their columns and of their owners.</summary>
    private static Task<IReadOnlyList<string>> RightsAsync(World world, params string[] relations)
    {
        var names = string.Join(", ", relations.Select(relation => $"'{relation}'"));
        return world.ColumnAsync(
            $"""
            select relname || ': owner ' || pg_get_userbyid(relowner) from pg_class where relname in ({names})
            union all
            select relname || ': ' || a from pg_class, unnest(coalesce(relacl, acldefault('r', relowner))) a where relname in ({names})
            union all
            select c.relname || '.' || t.attname || ': ' || a from pg_class c join pg_attribute t on t.attrelid = c.oid cross join unnest(t.attacl) a where c.relname in ({names})
            order by 1
            """);
    }

    private static Task<IReadOnlyList<string>> ReadableAsync(World world, string role, string relation) => world.ColumnAsync(
        $"""
        select attname::text from pg_attribute
        where attrelid = '{relation}'::regclass and attnum > 0 and not attisdropped and has_column_privilege('{role}', attrelid, attnum, 'select')
        order by 1
        """);

    private static async Task<long> SumAsync(World world, string role)
    {
        await using var connection = await world.ConnectAsync("a reader");
        await using (var become = new NpgsqlCommand($"set role {role}", connection))
        {
            await become.ExecuteNonQueryAsync();
        }

        await using var sum = new NpgsqlCommand("select sum(total)::bigint from tally", connection);
        return (long)(await sum.ExecuteScalarAsync())!;
    }
}
