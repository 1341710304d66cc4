using Projections.Operations;

namespace Projections.Switching;

public sealed class ConcessionTests
{
    public static TheoryData<string> Concessions =>
        [.. typeof(SwitchingCommand).GetProperties().Where(property => property.PropertyType == typeof(bool) && property.Name != nameof(SwitchingCommand.RequireVerified)).Select(property => property.Name)];

    [Theory]
    [MemberData(nameof(Concessions))]
    public void Whoever_confirms_a_switch_has_to_say_everything_that_the_first_was_ready_to_put_up_with(string concession)
    {
        var command = new RollbackCommand();
        typeof(SwitchingCommand).GetProperty(concession)!.SetValue(command, true);

        command.Concessions.Replace("-", "", StringComparison.Ordinal).ShouldBe(concession.ToLowerInvariant());
    }
}
