namespace Projections.Tests.Events.Spaces.Events
{
    internal sealed record Started;

    internal static class NoEvent
    {
        internal sealed record Inner;
    }
}

namespace Projections.Tests.Events.Spaces.Events.Later
{
    internal sealed record Ended;

    internal abstract record Base;

    internal enum Kind
    {
        None,
    }
}

namespace Projections.Tests.Events.Spaces.EventsOfOthers
{
    internal sealed record Foreign;
}
