using System.Text.Json.Serialization;

namespace Projections.Checks;

/// <summary>Something that a rule found.</summary>
/// <param name="Rule">The rule's stable name: <c>lag</c>.</param>
/// <param name="Verdict">How bad it is; <see cref="Verdict.Healthy"/> for mere advice.</param>
/// <param name="Problem">What was found, and what was expected.</param>
/// <param name="WayOut">What to do.</param>
public sealed record Finding(string Rule, Verdict Verdict, string Problem, string WayOut)
{
    public override string ToString() => $"{Rule}: {Problem} {WayOut}";
}

[JsonSerializable(typeof(IReadOnlyList<Finding>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
internal sealed partial class FindingJson : JsonSerializerContext;
