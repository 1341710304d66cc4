using Projections.Commands;
using Projections.Events;

namespace Projections.Web.Requests;

/// <summary>Refuses values that no command could mean.</summary>
internal static class Wrong
{
    /// <exception cref="OperationRefused"><paramref name="holds"/> is false.</exception>
    public static void Unless(bool holds, string message)
    {
        if (!holds)
        {
            throw new OperationRefused(message, isMistake: true);
        }
    }

    /// <summary>Reads a position as it is shown; none where none is given.</summary>
    /// <exception cref="OperationRefused"><paramref name="text"/> is no position.</exception>
    public static EventPosition? Position(string? text, string property)
    {
        if (text is null)
        {
            return null;
        }

        Unless(EventPosition.TryParse(text, out var position), $"'{property}' is '{text}', but expected is a position such as 561400, 8812/8790 or start.");
        return position;
    }
}
