using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>Reads <c>SET lock_timeout = 0</c> and its like.</summary>
internal static class TimeoutText
{
    public static bool IsOff(ObservedStatement statement, string setting)
    {
        var tokens = statement.Statement.Tokens;
        var at = statement.Statement.IndexOf(setting);
        return statement.Statement.StartsWith("set") && at > 0 && at + 2 < tokens.Count && tokens[at + 2].Text.Trim('\'') is "0" or "0s" or "0ms";
    }
}
