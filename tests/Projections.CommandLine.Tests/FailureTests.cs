using Projections.Definitions;
using Projections.CommandLine.Terminal;
using Projections.Faults;

namespace Projections.CommandLine;

public sealed class FailureTests
{
    [Fact]
    public void A_command_of_which_nobody_knows_what_it_did_is_neither_refused_nor_failed()
    {
        var failure = Failure.Of(new OutcomeUnknown(new ProjectionName("tally"), "It is not known.", new TimeoutException()), null);

        failure.ShouldBe(new Failure("unknown", "It is not known.", 5));
    }
}
