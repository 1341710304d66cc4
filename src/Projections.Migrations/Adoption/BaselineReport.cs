using Projections.Migrations.Files;
using Projections.Migrations.Schemas;


namespace Projections.Migrations.Adoption;

/// <summary>What a baseline did.</summary>
/// <param name="Marked">The migrations that are marked as applied now, or would be.</param>
/// <param name="Differences">What the database has and the migrations do not make (<c>+</c>), and what they make and it has not (<c>-</c>).</param>
/// <param name="IsDone">Whether they were marked; otherwise nothing was changed, because of the differences.</param>
public sealed record BaselineReport(IReadOnlyList<Migration> Marked, IReadOnlyList<SchemaDifference> Differences, bool IsDone);
