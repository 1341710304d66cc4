namespace Projections.TestServers.Faults;

/// <summary>What is said on one connection through a <see cref="FaultyProxy"/>. May be asked from both directions at once.</summary>
internal interface IConversation
{
    Passed Asked(ReadOnlyMemory<byte> bytes);

    Passed Answered(ReadOnlyMemory<byte> bytes);
}

/// <summary>What becomes of some bytes.</summary>
/// <param name="On">What goes on to the other end.</param>
/// <param name="Back">What is said to the end that they came from before the connection ends.</param>
/// <param name="IsEnd">Whether the connection ends here.</param>
internal readonly record struct Passed(ReadOnlyMemory<byte> On, ReadOnlyMemory<byte> Back = default, bool IsEnd = false)
{
    public static Passed End { get; } = new(default, default, IsEnd: true);
}

/// <summary>Nobody listens in.</summary>
internal sealed class PlainConversation : IConversation
{
    public Passed Asked(ReadOnlyMemory<byte> bytes) => new(bytes);

    public Passed Answered(ReadOnlyMemory<byte> bytes) => new(bytes);
}
