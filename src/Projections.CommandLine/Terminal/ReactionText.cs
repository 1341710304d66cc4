using System.Globalization;
using Projections.Reports;

namespace Projections.CommandLine.Terminal;

/// <summary>A reaction, for people.</summary>
internal static class ReactionText
{
    public static string Of(ReactionReport reaction) => string.Concat(Parts(reaction));

    private static IEnumerable<string> Parts(ReactionReport reaction)
    {
        yield return $"Reaction {reaction.Reaction}: {(reaction.IsOn ? $"on, for events behind position {reaction.Since}" : reaction.Since is null ? "never started" : "off")}";
        yield return reaction.IsKnown ? "." : reaction.IsOn ? "; this program does not have it, and so does not follow the projection." : "; this program does not have it.";
        if (reaction.Waiting > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $" {reaction.Waiting:N0} messages wait to be passed on, the first since {reaction.WaitingSince:u}; a service with a broker does that ('Bus:Transport').");
        }

        if (reaction.Held > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $" {reaction.Held:N0} messages count if reads are switched to the version that is ahead of the live one.");
        }

        if (reaction.Failed > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $" {reaction.Failed:N0} events it could not react to, the first because of {reaction.Error}; see 'projections reactions'.");
        }
    }
}
