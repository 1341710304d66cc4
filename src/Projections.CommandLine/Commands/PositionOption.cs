using System.CommandLine;
using Projections.Events;

namespace Projections.CommandLine.Commands;

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
            if (EventPosition.TryParse(text, out var position))
            {
                return position;
            }

            result.AddError($"{name} is '{text}', but expected is a position such as 561400, 8812/8790 or start.");
            return null;
        },
    };
}
