using System.Text;

namespace Projections.Migrations.Generating;

/// <summary>A migration that is to be written: a pair of files, or a backfill.</summary>
/// <param name="Id">Its number and name.</param>
/// <param name="Phase">What is in it.</param>
/// <param name="Steps">In order.</param>
internal sealed record GeneratedFile(string Id, StepPhase Phase, IReadOnlyList<SchemaStep> Steps)
{
    /// <summary>What the safety check finds in it and somebody has answered for: rules and the reason.</summary>
    public IReadOnlyList<(string Rule, string Reason)> Allowances { get; init; } = [];

    public string UpName => Phase == StepPhase.Fill ? $"{Id}.backfill.sql" : $"{Id}.up.sql";

    /// <summary>The names of its files and what is in them.</summary>
    public IReadOnlyList<(string Name, string Text)> Contents => Phase == StepPhase.Fill
        ? [(UpName, $"{Steps[0].Up[0]};\n")]
        : [(UpName, Up), ($"{Id}.down.sql", Down)];

    private string Up => Render(Allowances.Select(allowed => $"-- safety: allow {allowed.Rule} \"{allowed.Reason.Replace('"', '\'')}\""), Steps.SelectMany(step => step.Up));

    private string Down => Irreversible.Length == 0 ? Render([], Steps.Reverse().SelectMany(step => step.Down)) : $"-- irreversible: {Irreversible}\n";

    private string Irreversible => string.Join("; ", Steps.Select(step => step.Irreversible).OfType<string>());

    private string Render(IEnumerable<string> settings, IEnumerable<string> statements)
    {
        var text = new StringBuilder();
        text.Append(Phase is StepPhase.Values or StepPhase.Expand ? "" : "-- transaction: none\n");
        foreach (var line in settings)
        {
            text.Append(line).Append('\n');
        }

        foreach (var statement in statements)
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(statement).Append(";\n");
        }

        return text.ToString();
    }
}
