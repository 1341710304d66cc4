using System.Text.Json;
using System.Text.Json.Serialization;
using Projections.Events;

namespace Projections.Tests.Events;

public sealed class EventTypesTests
{
    [Fact]
    public void An_old_name_becomes_the_new_type_step_by_step()
    {
        var types = EventTypes.Create(types => types
            .Map<Line>("line")
            .Upcast<LineV1, LineV2>("line_v1", old => new LineV2(old.Amount, 1))
            .Upcast<LineV2, Line>("line_v2", old => new Line(old.Amount, old.Quantity, "none")));

        Decode<Line>(types, "line", """{"amount":3,"quantity":2,"product":"bolt"}""").ShouldBe(new Line(3, 2, "bolt"));
        Decode<Line>(types, "line_v2", """{"amount":3,"quantity":2}""").ShouldBe(new Line(3, 2, "none"));
        Decode<Line>(types, "line_v1", """{"amount":3}""").ShouldBe(new Line(3, 1, "none"));
        types.NamesOf(typeof(Line)).ShouldBe(["line", "line_v1", "line_v2"]);
        types.NamesOf(typeof(LineV1)).ShouldBeEmpty();
    }

    [Fact]
    public void A_class_that_is_known_by_its_type_is_read_by_the_options_or_by_code_of_the_applications()
    {
        var types = EventTypes.Create(types => types
            .Map(typeof(Line), "line")
            .Map(typeof(Line), "line_of_old", json => new Line(json.Length, 1, "code"))
            .Map(typeof(Line), "line_of_none", _ => "no line"));

        Decode<Line>(types, "line", """{"amount":3,"quantity":2,"product":"bolt"}""").ShouldBe(new Line(3, 2, "bolt"));
        Decode<Line>(types, "line_of_old", "{}").ShouldBe(new Line(2, 1, "code"));
        Should.Throw<JsonException>(() => Decode<Line>(types, "line_of_none", "{}")).Message.ShouldBe("the code that reads a Line returned null or something else");
        types.Encode(new Line(3, 2, "bolt"))!.Value.Name.ShouldBe("line");
    }

    [Fact]
    public void An_old_shape_of_the_same_name_is_told_by_its_body_or_its_metadata()
    {
        var types = EventTypes.Create(types => types
            .Map<Line>("line")
            .Upcast<LineV1, Line>("line", stored => stored.Metadata("schema") == "1", old => new Line(old.Amount, 1, "v1"))
            .UpcastJson("line", stored => !stored.Data.TryGetProperty("product", out _), json => new Line(json.GetProperty("sum").GetInt32(), 1, "json")));

        Decode<Line>(types, "line", """{"amount":3}""", """{"schema":1}""").ShouldBe(new Line(3, 1, "v1"));
        Decode<Line>(types, "line", """{"sum":4}""").ShouldBe(new Line(4, 1, "json"));
        Decode<Line>(types, "line", """{"amount":3,"quantity":2,"product":"bolt"}""", """{"schema":2}""").ShouldBe(new Line(3, 2, "bolt"));
    }

    [Fact]
    public void What_lacks_something_is_not_decoded_in_silence()
    {
        var types = EventTypes.Create(types => types.Map<Line>("line"));

        Should.Throw<JsonException>(() => Decode<Line>(types, "line", """{"amount":3,"quantity":2}"""));
        Should.Throw<JsonException>(() => Decode<Line>(types, "line", """{"amount":3,"quantity":2,"product":null}"""));
        Should.Throw<JsonException>(() => Decode<Line>(types, "line", "null"));
        Should.Throw<JsonException>(() => Decode<Line>(types, "line", """{"amount":3,"""));
    }

    [Theory]
    [InlineData("""{"Amount":3,"Quantity":2,"Product":{"Name":"bolt"}}""", "The JSON has Amount, Quantity, Product. 'Amount' is wanted in another case: name a PropertyNamingPolicy that writes as the store does, or PropertyNameCaseInsensitive, in the options of the event types.")]
    [InlineData("""{"sum":3,"count":[1,2]}""", "The JSON has sum, count.")]
    [InlineData("{}", "The JSON has no members.")]
    public void What_does_not_fit_says_which_members_the_JSON_has(string json, string members)
    {
        var types = EventTypes.Create(types => types.Using(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase }).Map<Line>("line"));

        Should.Throw<JsonException>(() => Decode<Line>(types, "line", json)).Message.ShouldEndWith($" {members}");
    }

    [Fact]
    public void A_member_of_a_derived_class_is_found_although_jsonb_puts_the_name_of_the_class_behind_shorter_names()
    {
        var types = EventTypes.Create(types => types.Map<Settled>("settled"));

        Decode<Settled>(types, "settled", """{"by":{"no":"4711","$type":"card"}}""").ShouldBe(new Settled(new Card("4711")));
    }

    [Fact]
    public void Declarations_that_contradict_each_other_are_all_named()
    {
        var invalid = Should.Throw<EventTypesInvalid>(() => EventTypes.Create(types => types
            .Map<Line>("line")
            .Map<LineV2>("line")
            .Upcast<LineV1, Line>("v1", old => new Line(old.Amount, 1, ""))
            .Upcast<LineV1, LineV2>("v1b", old => new LineV2(old.Amount, 1))
            .UpcastJson("unmapped", _ => true, _ => new Line(1, 1, ""))
            .UpcastJson("v1", _ => true, _ => new LineV2(1, 1))));

        invalid.Errors.ShouldBe(
        [
            "The name 'line' is mapped twice. Map it once, and tell old shapes of it apart by Upcast(name, when, ...).",
            "LineV1 has two upcasters (the second for 'v1b'). A type becomes one other type: give each old shape a type of its own.",
            "'unmapped' has an old shape but no current one. Map it: Map<...>(\"unmapped\").",
            "'v1' is a Line, but an old shape of it becomes a LineV2. All shapes of a name must become the same type.",
        ]);
    }

    [Fact]
    public void Metadata_is_found_by_name()
    {
        const string Json = """{"user":"ann","nested":{"user":"bob"},"number":1.50,"nothing":null,"list":[1, 2]}""";

        Find("user").ShouldBe("ann");
        Find("nested").ShouldBe("""{"user":"bob"}""");
        Find("number").ShouldBe("1.50");
        Find("list").ShouldBe("[1, 2]");
        Find("nothing").ShouldBeNull();
        Find("absent").ShouldBeNull();

        static string? Find(string name) => EventMetadata.Find(System.Text.Encoding.UTF8.GetBytes(Json), name);
    }

    private static T Decode<T>(EventTypes types, string name, string json, string? metadata = null) =>
        types.DecoderFor<T>(name).Decode(Recorded.Event(1, name, json, metadata: metadata));

    private sealed record Settled(Means By);

    [JsonDerivedType(typeof(Card), "card")]
    private abstract record Means;

    private sealed record Card(string No) : Means;

    private sealed record Line(int Amount, int Quantity, string Product);

    private sealed record LineV1(int Amount);

    private sealed record LineV2(int Amount, int Quantity);
}
