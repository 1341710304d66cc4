using System.CommandLine;
using System.Globalization;
using Projections.Events;

namespace Projections.Host.Commands;

/// <summary>A position in the event source, as it is shown: <c>561400</c> or <c>8812/8790</c>.</summary>
internal static class PositionOption
{
    public static Option<EventPosition?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "POSITION",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (TryParse(text) is { } position)
            {
                return position;
            }

            result.AddError($"{name} is '{text}', but expected is a position such as 561400, 8812/8790 or start.");
            return null;
        },
    };

    private static EventPosition? TryParse(string text)
    {
        if (text == EventPosition.BeforeFirst.ToString())
        {
            return EventPosition.BeforeFirst;
        }

        var parts = text.Split('/');
        long minor = 0;
        return parts.Length <= 2
            && TryNumber(parts[0], out var major)
            && (parts.Length == 1 || TryNumber(parts[1], out minor))
            ? new EventPosition(major, minor)
            : null;
    }

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
