using Projections.Events;
using Projections.LateEvents;

namespace Projections.Tests.LateEvents;

public sealed class WatchedSourceTests
{
    [Fact]
    public void Whatever_a_source_can_say_is_said_by_the_source_that_is_watched_too() =>
        typeof(WatchedSource).GetInterfaceMap(typeof(IEventSource)).TargetMethods.Where(method => method.DeclaringType != typeof(WatchedSource)).ShouldBeEmpty();
}
