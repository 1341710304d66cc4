using System.CommandLine;

namespace Projections.CommandLine.Commands;

/// <summary>The program itself, above its verbs, with what it was made of.</summary>
internal sealed class ProgramCommand(ProjectionsProgramBuilder program)
    : Command("projections", "Rebuilds read models beside the live ones, and switches reads to them atomically.")
{
    public ProjectionsProgramBuilder Program => program;
}
