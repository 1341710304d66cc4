using System.Globalization;
using Projections.Switching;

namespace Projections.Bus.Commands;

/// <summary>What came of a switch, in a sentence.</summary>
internal static class SwitchOutcome
{
    public static string Of(SwitchResult result) => result.AlreadyDone
        ? string.Create(CultureInfo.InvariantCulture, $"reads go to v{result.To} already.")
        : string.Create(CultureInfo.InvariantCulture, $"reads went from {(result.From is { } from ? $"v{from}" : "nothing")} to v{result.To}.");
}
