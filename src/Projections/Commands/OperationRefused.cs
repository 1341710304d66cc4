
namespace Projections.Commands;

/// <summary>A command that cannot be carried out as things are. Nothing was changed; the message says what to do.</summary>
/// <param name="message">What cannot be done, to what, and the way out.</param>
/// <param name="isMistake">Whether the command itself is wrong (an unknown name), rather than the state it met.</param>
public sealed class OperationRefused(string message, bool isMistake = false) : Exception(message)
{
    public bool IsMistake { get; } = isMistake;
}
