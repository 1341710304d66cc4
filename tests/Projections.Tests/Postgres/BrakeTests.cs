using Npgsql;
using Projections.Postgres.Brakes;
using Projections.TestServers;
using Projections.Testing;

namespace Projections.Tests.Postgres;

public sealed class BrakeTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [PostgresFact]
    public async Task What_was_written_too_fast_is_rested_for_as_long_as_it_should_have_taken()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync();
        var time = new ManualTime();
        var brake = new WalRateBrake(10, time);
        (await brake.FindAsync(connection, None)).ShouldBeNull("nothing is known at the first look");

        await WriteAsync(connection, megabytes: 40);
        time.Advance(TimeSpan.FromSeconds(1));
        (await brake.FindAsync(connection, None)).ShouldNotBeNull().ShouldMatch(@"^the server has written \d+ MB of log a second, 10 MB/s are borne; so it rests for \d+\.\d s$");
        time.Advance(TimeSpan.FromSeconds(1));
        (await brake.FindAsync(connection, None)).ShouldNotBeNull("40 MB take four seconds");

        time.Advance(TimeSpan.FromHours(1));
        (await brake.FindAsync(connection, None)).ShouldBeNull();
        await WriteAsync(connection, megabytes: 40);
        time.Advance(TimeSpan.FromHours(1));
        (await brake.FindAsync(connection, None)).ShouldBeNull("that is no rate to speak of");
    }

    [PostgresTheory]
    [InlineData("select 99000000::bigint", "99 MB of the server's disk are free, at least 100 MB are to stay")]
    [InlineData("select 99000000.5", "99 MB of the server's disk are free, at least 100 MB are to stay")]
    [InlineData("select 100000000", null)]
    [InlineData("select null::bigint", null)]
    public async Task How_much_of_the_disk_is_free_is_what_the_operators_statement_says(string query, string? expected)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync();

        (await new FreeDiskBrake(100, query).FindAsync(connection, None)).ShouldBe(expected);
    }

    [PostgresFact]
    public async Task What_no_role_may_know_holds_nothing()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var role = new NpgsqlCommand($"create role blind_{Guid.NewGuid():n}", connection);
        await role.ExecuteNonQueryAsync();
        await using var become = new NpgsqlCommand(role.CommandText.Replace("create role", "set role", StringComparison.Ordinal), connection);
        await become.ExecuteNonQueryAsync();

        (await new FreeDiskBrake(int.MaxValue, query: null).FindAsync(connection, None)).ShouldBeNull();
        (await new ReplicaLagBrake(TimeSpan.FromTicks(1)).FindAsync(connection, None)).ShouldBeNull();
    }

    [Fact]
    public void A_brake_that_is_off_is_none() =>
        BrakeSet.Of(TimeSpan.Zero, null, 0, 0, null, TimeProvider.System).ShouldBeEmpty();

    private static async Task WriteAsync(NpgsqlConnection connection, int megabytes)
    {
        await using var write = new NpgsqlCommand($"select pg_logical_emit_message(false, 'brake', repeat('x', 1000000)) from generate_series(1, {megabytes})", connection);
        await write.ExecuteNonQueryAsync();
    }
}
