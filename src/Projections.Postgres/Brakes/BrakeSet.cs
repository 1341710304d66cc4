using Npgsql;

namespace Projections.Postgres.Brakes;

/// <summary>The brakes of one load.</summary>
internal static class BrakeSet
{
    /// <summary>The brakes that are not off.</summary>
    /// <param name="replicaLag">How far a replica may be behind; zero for as far as it likes.</param>
    /// <param name="replicasLeftOut">Replicas that are not waited for; see <see cref="ReplicaLagBrake"/>.</param>
    /// <param name="walRate">How many megabytes of log the server may write in a second; zero for as many as it likes.</param>
    /// <param name="freeDisk">How many megabytes of its disk are to stay free; zero for none.</param>
    /// <param name="freeDiskQuery">By what is asked how much is; see <see cref="FreeDiskBrake"/>.</param>
    /// <param name="time">The clock.</param>
    public static IReadOnlyList<IBrake> Of(TimeSpan replicaLag, string? replicasLeftOut, int walRate, int freeDisk, string? freeDiskQuery, TimeProvider time)
    {
        var brakes = new List<IBrake>();
        if (freeDisk > 0)
        {
            brakes.Add(new FreeDiskBrake(freeDisk, freeDiskQuery));
        }

        if (replicaLag > TimeSpan.Zero)
        {
            brakes.Add(new ReplicaLagBrake(replicaLag, replicasLeftOut));
        }

        if (walRate > 0)
        {
            brakes.Add(new WalRateBrake(walRate, time));
        }

        return brakes;
    }
}
