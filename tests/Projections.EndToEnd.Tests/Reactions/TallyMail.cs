using Projections.Catalog.Reactions;
using Projections.Commands;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Reactions;

namespace Projections.EndToEnd.Reactions;

/// <summary>Tells what became of each amount.</summary>
internal sealed class TallyMail(string name = "tally_mail") : Reaction<TallyMail.Tally>("tally", name, TallyEvents.Types)
{
    /// <summary>Called with each amount, so that a test can make it misbehave.</summary>
    public Action<int> Reacting { get; set; } = _ => { };

    protected override void Define(ReactionDefinition<Tally> on) =>
        on.Event<Added>().Sends((e, before, after) =>
        {
            Reacting(e.Data.Amount);
            return new TallyChanged(e.Data.Amount, before?.Total, after?.Total);
        });

    public sealed record Tally(Guid Id, long Total);
}

/// <summary>Needs what v2 alone has.</summary>
internal sealed class BiggestMail() : Reaction<BiggestMail.Tally>("tally", "biggest_mail", TallyEvents.Types)
{
    protected override void Define(ReactionDefinition<Tally> on) =>
        on.Event<Added>().SendsEach((_, before, after) => before?.Biggest == after?.Biggest ? [] : new[] { new BiggestChanged(after!.Biggest) });

    public sealed class Tally
    {
        public int Biggest { get; init; }
    }
}

public sealed record TallyChanged(int Amount, long? Before, long? After);

public sealed record BiggestChanged(int Biggest);

internal static class ReactionWorld
{
    /// <summary>What the outbox holds, in its order: <c>position: before → after</c>.</summary>
    public static Task<IReadOnlyList<string>> MessagesAsync(this World world) =>
        world.ColumnAsync("select position_major || ': ' || coalesce(body ->> 'before', '') || ' → ' || coalesce(body ->> 'after', '') from projections.message order by number");

    /// <summary>What it is to hold: the running sums of the amounts behind a position, folded by the store's own server.</summary>
    public static Task<IReadOnlyList<string>> ExpectedAsync(this World world, long since) =>
        world.ColumnAsync(
            $"""
            select seq_id || ': ' || coalesce(before::text, '') || ' → ' || after
            from (select seq_id, sum((data ->> 'amount')::bigint) over (partition by stream_id order by seq_id) as after,
                         sum((data ->> 'amount')::bigint) over (partition by stream_id order by seq_id rows between unbounded preceding and 1 preceding) as before
                  from events.mt_events) e
            where seq_id > {since} order by seq_id
            """);

    /// <summary>Starts all reactions of the tallies.</summary>
    /// <returns>The position behind which they react.</returns>
    public static async Task<long> StartReactionsAsync(this World world, ProjectionSystem system)
    {
        await new StartReactionsCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);
        return await world.Database.ScalarAsync<long>("select max(since_major) from projections.reaction");
    }

    /// <summary>Waits until the live version has all events.</summary>
    public static Task AtTheHeadAsync(this World world, string projection = "tally") =>
        world.EventuallyAsync(
            $"select coalesce((select position_major from projections.version where projection = '{projection}' and role = 'live') >= (select max(seq_id) from events.mt_events), false)", true);
}
