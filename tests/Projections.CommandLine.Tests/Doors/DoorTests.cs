using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Projections.Bus.Commands;
using Projections.Catalog;
using Projections.CommandLine.Commands;
using Projections.Commands;
using Projections.Contracts;
using Projections.Operations;
using Projections.WorkOrders;

namespace Projections.CommandLine.Doors;

/// <summary>Command line, HTTP and bus give the operations the same commands for the same wishes, and refuse the same things.</summary>
public sealed class DoorTests
{
    private static readonly JsonSerializerOptions Json = CreateJson();

    public static TheoryData<string> Typed => [.. Wishes.All.Select(wish => wish.Typed)];

    private static IReadOnlyList<Type> Commands =>
        [.. typeof(Command).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Command)) && !type.IsAbstract)];

    [Theory]
    [MemberData(nameof(Typed))]
    public void A_wish_is_the_same_command_at_every_door(string typed)
    {
        var wish = Wishes.All.Single(wish => wish.Typed == typed);
        var meant = Wishes.Complete(wish.Meant);

        Text(OnTheCommandLine(typed)).ShouldBe(Text(meant));
        Text(OverHttp(wish)).ShouldBe(Text(meant));
        if (wish.Message is { } message)
        {
            Text(OnTheBus(message)).ShouldBe(Text(meant));
        }
    }

    [Fact]
    public void Every_property_of_every_command_is_said_at_every_door_that_has_the_verb()
    {
        foreach (var command in Commands)
        {
            var wishes = Wishes.All.Where(wish => wish.Meant.GetType() == command).ToList();
            wishes.ShouldNotBeEmpty($"{command.Name} is wished for nowhere");
            var otherwise = Activator.CreateInstance(command);
            foreach (var property in command.GetProperties().Where(property => property.CanWrite))
            {
                wishes.ShouldContain(
                    wish => !Equals(property.GetValue(Wishes.Complete(wish.Meant)), property.GetValue(otherwise)), $"{command.Name}.{property.Name} is said by nobody");
            }
        }
    }

    [Fact]
    public void Every_message_that_commands_is_among_the_wishes() =>
        Wishes.All.Where(wish => wish.Message is not null).Select(wish => wish.Message!.GetType()).Distinct().ShouldBe(
            typeof(IProjectionCommand).Assembly.GetTypes().Where(type => type.IsClass && type.IsAssignableTo(typeof(IProjectionCommand))), ignoreOrder: true);

    [Theory]
    [InlineData(500, "", false)]
    [InlineData(501, "", true)]
    [InlineData(8_000_000, "", true)]
    [InlineData(3, "\0", true)]
    [InlineData(3, "\u001b[2J", true)]
    [InlineData(3, "\n", true)]
    public void A_reason_that_no_command_may_have_is_refused_alike_at_every_door(int length, string end, bool refused)
    {
        var reason = new string('x', length) + end;
        Command[] commands =
        [
            // As long as an argument may be, at least.
            length < 100_000 ? Typist(["pause", "tally", "--why", reason]) : new PauseCommand { Projection = new("tally"), Why = reason },
            Read<PauseCommand>(JsonSerializer.Serialize(new { why = reason })) with { Projection = new("tally") },
            OnTheBus(new PauseRebuild { Projection = "tally", Reason = reason }),
        ];
        commands.Select(Refusal).Distinct().ShouldHaveSingleItem().ShouldBe(
            !refused ? null : end.Length == 0 ? $"'why' is wrong. The reason may have 500 characters at most; it has {length}." : "'why' is wrong. The reason has control characters, such as a line break; leave them out.");
    }

    [Theory]
    [InlineData("switch tally --to 0", """{"to": 0}""", "'to' is wrong. The version must be 1 or more; it is 0.")]
    [InlineData("switch tally --to 2 --patience 21m", """{"to": 2, "patienceSeconds": 1260}""", "'patienceSeconds' is wrong. The patience must be between 0 and 1200 s; it is 1260 s.")]
    [InlineData("switch tally --to 2 --max-lag 25h", """{"to": 2, "maxLagSeconds": 90000}""", "'maxLagSeconds' is wrong. The lag must be between 0 and 86400 s; it is 90000 s.")]
    [InlineData("switch tally --to 2 --lock-timeout 0s", """{"to": 2, "lockTimeoutMilliseconds": 0}""", "'lockTimeoutMilliseconds' is wrong. The lock timeout must be between 0.001 and 60 s; it is 0 s.")]
    public void A_switch_that_no_door_lets_in(string typed, string body, string problem)
    {
        var message = JsonSerializer.Deserialize<SwitchProjection>(body, JsonSerializerOptions.Web)!;
        message.Version = JsonNode.Parse(body)!["to"]!.GetValue<int>();
        message.Projection = "tally";
        Command[] commands = [OnTheCommandLine(typed), Read<SwitchCommand>(body) with { Projection = new("tally") }, OnTheBus(message)];
        commands.Select(Refusal).Distinct().ShouldHaveSingleItem().ShouldBe(problem);
    }

    [Fact]
    public void Names_keys_and_their_number_have_limits()
    {
        var repair = new RepairCommand { Projection = new("tally") };
        Refusal(repair with { Tenant = new string('t', 201) }).ShouldBe("'tenant' is wrong. The tenant may have 200 characters at most; it has 201.");
        Refusal(repair with { Keys = [new string('k', 501)] }).ShouldBe("'keys' is wrong. The key may have 500 characters at most; it has 501.");
        Refusal(repair with { Streams = [.. Enumerable.Repeat("s", 1001)] }).ShouldBe("'streams' is wrong. There may be 1000 streams at most; there are 1001.");
        Should.Throw<OperationRefused>(() => CommandLimits.Refuse(repair, new CommandContext(new string('w', 201)))).IsMistake.ShouldBeTrue();
        Should.Throw<OperationRefused>(() => CommandLimits.Refuse(new PauseCommand(), new CommandContext("ana"))).Message.ShouldBe("Say which projection is meant.");
    }

    private static Command OnTheCommandLine(string typed) =>
        Typist([.. typed.Split('\'').SelectMany((part, i) => i % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries))]);

    private static Command Typist(string[] words)
    {
        var parsed = ProjectionsProgram.CreateBuilder().ToCommand().Parse(words);
        parsed.Errors.ShouldBeEmpty();
        return ((ICommandVerb)parsed.CommandResult.Command).CommandOf(parsed);
    }

    /// <summary>The path says the projection, and which order.</summary>
    private static Command OverHttp(Wish wish)
    {
        var command = (Command)JsonSerializer.Deserialize(wish.Body, wish.Meant.GetType(), Json)! with { Projection = Wishes.Complete(wish.Meant).Projection };
        return command is CallOffOrderCommand cancel ? cancel with { Order = ((CallOffOrderCommand)wish.Meant).Order } : command;
    }

    private static TCommand Read<TCommand>(string body) => JsonSerializer.Deserialize<TCommand>(body, Json)!;

    private static Command OnTheBus(IProjectionCommand message)
    {
        var type = message.GetType();
        if (message.Projection.Length == 0)
        {
            type.GetProperty(nameof(message.Projection))!.SetValue(message, "tally");
            type.GetProperty(nameof(message.Reason))!.SetValue(message, "month end");
        }

        return CommandMessages.All.Single(one => one.GetType().GenericTypeArguments[0] == type).CommandOf(message);
    }

    private static string? Refusal(Command command)
    {
        try
        {
            CommandLimits.Refuse(command, new CommandContext("ana"));
            return null;
        }
        catch (OperationRefused refused) when (refused.IsMistake)
        {
            return refused.Message;
        }
    }

    private static string Text(Command command) =>
        $"{command.GetType().Name} of {command.Projection} {JsonSerializer.Serialize(command, command.GetType(), Json)} {(command as CallOffOrderCommand)?.Order}";

    /// <summary>As the door over HTTP has it.</summary>
    private static JsonSerializerOptions CreateJson()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };
        ReportJson.Configure(options);
        return options;
    }
}
