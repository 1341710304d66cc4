using System.Text.Json;
using System.Text.Json.Serialization;
using Projections.Definitions;
using Projections.Events;
using Projections.Tests.Definitions.Folders.Divided.V1;

namespace Projections.Tests.Definitions;

/// <summary>By which a version is found to be another than the one its table was built with.</summary>
public sealed class VersionManifestTests
{
    private static readonly VersionFiles Files = new("projections/Sold/V1", "", null, "", new string('a', 64)) { TopHash = new string('b', 64) };

    [Fact]
    public void What_is_declared_anew_in_the_same_way_is_the_same()
    {
        Edit(types => types.Map<Sold>("sold"), types => types.Map<Sold>("sold")).ShouldBeNull();
        // The same members in another order, under another C# name.
        Edit(types => types.Map<Sold>("sold"), types => types.Map<SoldAnew>("sold")).ShouldBeNull();
        // Events that it does not handle.
        Edit(types => types.Map<Sold>("sold"), types => types.Map<Sold>("sold").Map<Other>("other")).ShouldBeNull();
    }

    [Fact]
    public void Another_meaning_of_an_event_is_found_whatever_it_comes_from()
    {
        Action<EventTypesBuilder> before = types => types.Map<Sold>("sold");
        Action<EventTypesBuilder>[] edits =
        [
            types => types.Map<SoldWithDefault>("sold"),
            types => types.Map<SoldByAnotherName>("sold"),
            types => types.Map<SoldOfAnotherType>("sold"),
            types => types.Map<SoldByConverter>("sold"),
            types => types.Map<SoldInParts>("sold"),
            types => types.Map<Sold>("sold").Map<Sold>("sold_v1"),
            types => types.Map<Sold>("sold").Upcast<Other, Sold>("sold_v1", old => new Sold(old.Text, 1, Size.Small, null)),
            types => types.Map<Sold>("sold").Upcast<Other, Sold>("sold", _ => false, old => new Sold(old.Text, 1, Size.Small, null)),
            types => types.Map<Sold>("sold").UpcastJson("sold", _ => false, _ => new Sold("", 1, Size.Small, null)),
            types => types.Using(new JsonSerializerOptions(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow }).Map<Sold>("sold"),
            types => types.Using(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower }).Map<Sold>("sold"),
        ];

        foreach (var after in edits)
        {
            Edit(before, after).ShouldNotBeNull().ShouldStartWith("other declarations of its event types: the catalog has ");
        }
    }

    [Fact]
    public void A_type_that_holds_itself_is_described_once()
    {
        var types = EventTypes.Create(types => types.Map<Tree>("tree"));

        types.Describe("tree").ShouldStartWith("{branches!: [#0], name!: System.String} any-case=True");
    }

    [Fact]
    public void A_manifest_is_compared_by_the_scheme_that_it_was_written_in()
    {
        var manifest = new VersionManifest(Files, "events");

        manifest.ToString().ShouldMatch("^2:a{64}:[0-9a-f]{64}$");
        manifest.FindEdit(manifest.ToString()).ShouldBeNull();
        manifest.FindEdit(new string('b', 64)).ShouldBeNull();
        manifest.FindEdit(new string('a', 64)).ShouldBe("another content of projections/Sold/V1: the catalog has aaaaaaaaaaaa, this program has bbbbbbbbbbbb");
        manifest.FindEdit(new VersionManifest(Files with { Hash = new string('c', 64) }, "events").ToString())
            .ShouldBe("another content of projections/Sold/V1: the catalog has cccccccccccc, this program has aaaaaaaaaaaa");
    }

    [Fact]
    public void Files_in_subfolders_count()
    {
        var files = new DividedV1().Files;

        files.Hash.ShouldNotBe(files.TopHash);
    }

    private static string? Edit(Action<EventTypesBuilder> before, Action<EventTypesBuilder> after) =>
        Of(EventTypes.Create(before)).FindEdit(Of(EventTypes.Create(after)).ToString());

    /// <summary>The manifest of a version that handles what was sold.</summary>
    private static VersionManifest Of(EventTypes types) =>
        new(Files, string.Join('\n', types.Names.Where(name => name.StartsWith("sold", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(name => $"{name}: {types.Describe(name)}")));

    public enum Size
    {
        Small,
        Large,
    }

    public sealed record Sold(string Product, int Amount, Size Size, DateTime? At);

    public sealed record SoldAnew(DateTime? At, int Amount, string Product, Size Size);

    public sealed record SoldWithDefault(string Product, int Amount, Size Size, DateTime? At = null);

    public sealed record SoldByAnotherName([property: JsonPropertyName("item")] string Product, int Amount, Size Size, DateTime? At);

    public sealed record SoldOfAnotherType(string Product, long Amount, Size Size, DateTime? At);

    public sealed record SoldByConverter(string Product, int Amount, [property: JsonConverter(typeof(JsonStringEnumConverter))] Size Size, DateTime? At);

    public sealed record SoldInParts(string Product, int Amount, Size Size, DateTime? At, IReadOnlyList<Other> Parts);

    public sealed record Other(string Text);

    public sealed record Tree(string Name, IReadOnlyList<Tree> Branches);
}
