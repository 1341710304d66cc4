using System.Globalization;
using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Switching;

/// <summary>Somebody has asked for a switch that takes two people.</summary>
/// <param name="Actor">Who, and why.</param>
/// <param name="Concessions">What they are ready to put up with (<see cref="SwitchingCommand.Concessions"/>).</param>
/// <param name="At">When.</param>
internal sealed record SwitchRequest(Actor Actor, string Concessions, DateTime At)
{
    /// <summary>How long it waits for the second one.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromDays(1);

    /// <summary>Whether somebody else confirms it by asking for the same.</summary>
    public bool IsConfirmedBy(string who, SwitchingCommand command) =>
        !Actor.Who.Equals(who, StringComparison.OrdinalIgnoreCase) && Concessions == command.Concessions;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Actor.Who} asked for it at {At:yyyy-MM-dd HH:mm:ss} UTC{(Actor.Why is { } why ? $" ({why.TrimEnd('.')})" : "")}{(Concessions.Length > 0 ? $", with {Concessions}" : "")}");
}

/// <summary>The switches that wait for a second person.</summary>
internal static class SwitchRequests
{
    /// <summary>Keeps that somebody asks, unless somebody has.</summary>
    /// <returns>Whether it was kept.</returns>
    public static async Task<bool> TryAddAsync(NpgsqlConnection connection, VersionId to, Actor actor, string concessions, CancellationToken cancellationToken) =>
        await connection.ExecuteAsync(
            """
            insert into projections.switch_request as r (projection, to_version, concessions, who, why) values ($1, $2, $3, $4, $5)
            on conflict (projection, to_version) do update
            set concessions = excluded.concessions, who = excluded.who, why = excluded.why, at = excluded.at
            where r.at < clock_timestamp() - $6::interval
            """,
            cancellationToken,
            to.Projection.Value, to.Number, concessions, actor.Who, actor.Why, SwitchRequest.Validity) > 0;

    /// <returns>What counts still, or <c>null</c>.</returns>
    public static async Task<SwitchRequest?> FindAsync(NpgsqlConnection connection, VersionId to, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            """
            select who, why, concessions, at from projections.switch_request
            where projection = $1 and to_version = $2 and at >= clock_timestamp() - $3::interval
            """,
            row => new SwitchRequest(new Actor(row.GetString(0), row.GetNullable<string>(1)), row.GetString(2), row.GetDateTime(3)),
            cancellationToken,
            to.Projection.Value, to.Number, SwitchRequest.Validity);
        return found.SingleOrDefault();
    }

    /// <summary>Takes them all away: what was asked for before a switch was asked of another state of things.</summary>
    public static Task ForgetAsync(NpgsqlConnection connection, ProjectionName projection, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("delete from projections.switch_request where projection = $1", cancellationToken, projection.Value);
}
