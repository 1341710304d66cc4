using Npgsql;

namespace Projections.Postgres.Brakes;

/// <summary>Sees on a server whether others suffer from what is written there, so that whoever writes much lets them go first. It may remember what it saw before: one load, one brake.</summary>
internal interface IBrake
{
    /// <summary>What it is called in messages: <c>replica-lag</c>.</summary>
    string Name { get; }

    /// <returns>Who suffers, by what figure, and what would be borne; <c>null</c> when nobody does or nothing can be known.</returns>
    Task<string?> FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken);
}
