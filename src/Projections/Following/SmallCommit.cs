using Npgsql;

namespace Projections.Following;

/// <summary>
/// The commit of a lockstep where little has changed, which is most of them, in one round trip: all rows and checkpoints are one
/// batch, and the server makes one transaction of it. Whatever goes wrong with it, nothing is written, and the commit that takes
/// a step after the other finds out whose fault it is.
/// </summary>
internal static class SmallCommit
{
    /// <returns>Whether it is committed. If not, nothing is written.</returns>
    public static async Task<bool> TryRunAsync(ProjectionSystem system, LockstepMembers members)
    {
        if (members.SomeLeave)
        {
            return false;
        }

        await using var batch = new NpgsqlBatch();
        var candidates = new List<LockstepMember>();
        try
        {
            if (!TryFill(batch, members, candidates))
            {
                return false;
            }

            await using var connection = await system.Steady.OpenConnectionAsync();
            batch.Connection = connection;
            await using var reader = await batch.ExecuteReaderAsync();
            await ChargeAsync(reader, candidates);
            return true;
        }
        catch (Exception exception) when (exception is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } || DropOut.Of(exception, leads: false) is not null)
        {
            return false;
        }
    }

    private static bool TryFill(NpgsqlBatch batch, LockstepMembers members, List<LockstepMember> candidates)
    {
        foreach (var member in members)
        {
            if (members.Leads(member) && !member.Fold.TryAddTo(batch))
            {
                return false;
            }
        }

        foreach (var member in members)
        {
            if (!members.Leads(member) && member.Fold.HasChanges)
            {
                AddLimit(batch, Math.Max(1, (long)member.Share.Left.TotalMilliseconds));
                if (!member.Fold.TryAddTo(batch))
                {
                    return false;
                }

                AddLimit(batch, 0);
                candidates.Add(member);
            }
        }

        // By number, as everybody does who locks several versions.
        foreach (var member in members)
        {
            member.Fold.AddAdvanceTo(batch);
        }

        return true;
    }

    /// <summary>Limits the time of each of the following statements, and tells how long the transaction has lasted.</summary>
    private static void AddLimit(NpgsqlBatch batch, long milliseconds) => batch.BatchCommands.Add(
        new NpgsqlBatchCommand("select set_config('statement_timeout', $1, true), clock_timestamp() - now()")
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = FormattableString.Invariant($"{milliseconds}ms") } },
        });

    /// <summary>Charges each candidate with the time that its rows took, by the server's clock.</summary>
    private static async Task ChargeAsync(NpgsqlDataReader reader, List<LockstepMember> candidates)
    {
        var leaders = TimeSpan.Zero;
        for (var i = 0; i < candidates.Count; i++)
        {
            var began = await TimeAsync(reader);
            leaders = i == 0 ? began : leaders;
            candidates[i].Share.Charge(await TimeAsync(reader) - began, leaders);
        }

        // The rest has to be read to learn that nothing failed.
        while (await reader.NextResultAsync())
        {
        }
    }

    private static async Task<TimeSpan> TimeAsync(NpgsqlDataReader reader)
    {
        await reader.ReadAsync();
        var time = reader.GetTimeSpan(1);
        await reader.NextResultAsync();
        return time;
    }
}
