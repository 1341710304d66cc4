using Projections.Commands;
using Projections.Switching;

namespace Projections.Bus.Commands;

/// <summary>Tells what would be refused again each time from what passes.</summary>
internal static class Refusals
{
    public static bool Is(Exception exception) => exception is OperationRefused or SwitchRefused;
}
