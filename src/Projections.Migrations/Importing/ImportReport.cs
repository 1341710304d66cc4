namespace Projections.Migrations.Importing;

/// <summary>What an import wrote.</summary>
/// <param name="Files">The paths of the files.</param>
/// <param name="Irreversible">The migrations without a way back; their down files say so.</param>
/// <param name="Notes">What a person has to look at: files that were left out, and what the runner would refuse as it stands.</param>
public sealed record ImportReport(IReadOnlyList<string> Files, IReadOnlyList<string> Irreversible, IReadOnlyList<string> Notes);
