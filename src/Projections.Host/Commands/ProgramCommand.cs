using System.CommandLine;
using System.Reflection;

namespace Projections.Host.Commands;

/// <summary>The program itself, above its verbs, with what it was made for.</summary>
/// <param name="readModels">Where the read models are declared.</param>
internal sealed class ProgramCommand(IReadOnlyList<Assembly> readModels)
    : Command("projections", "Rebuilds read models beside the live ones, and switches reads to them atomically.")
{
    public IReadOnlyList<Assembly> ReadModels => readModels;
}
