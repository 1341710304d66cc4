using Projections.Commands;

namespace Projections.Web.Endpoints;

/// <summary>Refuses values that no request could mean.</summary>
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
}
