using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd.LifeCycle;

/// <summary>What the catalog itself keeps, whoever writes it, and how that of an earlier release becomes today's.</summary>
public sealed class CatalogTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string PhaseAndRole = "Projections.Catalog.Schema.010_phase_and_role.sql";

    [PostgresTheory]
    [InlineData("phase = 'following', has_table = false")]
    [InlineData("phase = 'offered', position_major = null, position_minor = null")]
    [InlineData("phase = 'replaying', has_table = false")]
    [InlineData("role = 'live', phase = 'replaying'")]
    [InlineData("role = 'standby', phase = 'retired'")]
    [InlineData("role = 'live'")]
    [InlineData("phase = 'failed'")]
    [InlineData("failure = 'a reason without a failure'")]
    [InlineData("phase = 'dancing'")]
    public async Task What_cannot_be_is_refused_by_the_catalog(string change)
    {
        await using var world = await World.CreateAsync(postgres);
        await world.Database.ExecuteAsync(
            """
            insert into projections.projection (name, source) values ('tally', 'somewhere');
            insert into projections.version (projection, number, phase, role, has_table, position_major, position_minor)
            values ('tally', 1, 'following', 'live', true, 1, 0), ('tally', 2, 'following', 'candidate', true, 1, 0);
            """);
        var refused = await Should.ThrowAsync<PostgresException>(() => world.Database.ExecuteAsync($"update projections.version set {change} where number = 2"));
        refused.SqlState.ShouldBeOneOf(PostgresErrorCodes.CheckViolation, PostgresErrorCodes.UniqueViolation);
    }

    [PostgresTheory]
    [InlineData("'live', null, true, true, false", true, "following live live")]
    [InlineData("'live', null, true, false, false", true, "catching-up live live")]
    [InlineData("'live', null, true, false, true", true, "offered live live")]
    [InlineData("'paused', 'live', true, false, false", true, "paused live paused")]
    [InlineData("'standby', null, true, true, false", false, "following standby standby")]
    [InlineData("'failed', 'standby', true, false, false", false, "failed standby failed")]
    [InlineData("'ready', null, true, true, false", false, "following candidate ready")]
    [InlineData("'catching-up', null, true, false, true", false, "offered candidate catching-up")]
    [InlineData("'catching-up', null, true, false, false", false, "catching-up candidate catching-up")]
    [InlineData("'replaying', null, true, false, false", false, "replaying candidate replaying")]
    [InlineData("'planned', null, false, false, false", false, "planned candidate planned")]
    // What the release before could leave behind when a command crossed a worker's change.
    [InlineData("'building', null, true, false, false", false, "replaying candidate replaying")]
    [InlineData("'paused', 'ready', true, true, false", false, "paused candidate paused")]
    [InlineData("'retired', null, true, true, false", false, "retired candidate retired")]
    public async Task The_catalog_of_an_earlier_release_becomes_todays(string before, bool live, string after)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await InstallBeforeAsync(database);
        await database.ExecuteAsync(
            $"""
             insert into projections.projection (name, source, live_version) values ('tally', 'somewhere', {(live ? "1" : "null")});
             insert into projections.version (projection, number, state, resume_state, has_table, lockstep, joinable, position_major, position_minor, failure)
             values ('tally', 1, {before}, 7, 0, 'as it was')
             """);
        var catalog = new ProjectionCatalog(database.DataSource);
        await catalog.InstallAsync(CancellationToken.None);
        (await database.ScalarAsync<string>("select concat_ws(' ', phase, role, state) from projections.version")).ShouldBe(after);
        var version = (await catalog.ReadAsync(new ProjectionName("tally"), CancellationToken.None))!.Versions.Single();
        version.Checkpoint.ShouldBe(new Events.EventPosition(7));
        version.Failure.ShouldBe(version.Phase == VersionPhase.Failed ? "as it was" : null);
        version.ResumePhase.ShouldBe(
            !version.HasTable ? VersionPhase.Planned : version.Phase == VersionPhase.Replaying || version.Phase == VersionPhase.Retired ? VersionPhase.Replaying : VersionPhase.CatchingUp);
    }

    [PostgresFact]
    public async Task What_another_program_maintains_stays_so_in_todays_catalog()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await InstallBeforeAsync(database);
        await database.ExecuteAsync(
            """
            insert into projections.projection (name, source, live_version) values ('tally', 'somewhere', 1);
            insert into projections.version (projection, number, state, external, has_table) values ('tally', 1, 'live', true, true)
            """);
        var catalog = new ProjectionCatalog(database.DataSource);
        await catalog.InstallAsync(CancellationToken.None);
        var version = (await catalog.ReadAsync(new ProjectionName("tally"), CancellationToken.None))!.Live!;
        version.External.ShouldBeTrue();
        version.State.ShouldBe(VersionState.Live);
    }

    /// <summary>The catalog as the release before phases and roles left it.</summary>
    private static async Task InstallBeforeAsync(TestDatabase database)
    {
        await database.ExecuteAsync("create schema projections; create table projections.schema_step (step int primary key, installed_at timestamptz not null default clock_timestamp())");
        var assembly = typeof(ProjectionCatalog).Assembly;
        var steps = assembly.GetManifestResourceNames().Where(name => name.StartsWith("Projections.Catalog.Schema.", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        var number = 0;
        foreach (var step in steps.TakeWhile(name => name != PhaseAndRole))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(step)!);
            await database.ExecuteAsync($"begin; set local search_path = projections; {await reader.ReadToEndAsync()}; commit");
            await database.ExecuteAsync($"insert into projections.schema_step (step) values ({++number})");
        }
    }
}
