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

    /// <summary>The same for its way back.</summary>
    public IReadOnlyList<(string Rule, string Reason)> AllowancesBack { get; init; } = [];

    public string UpName => Phase.IsBackfill() ? $"{Id}.backfill.sql" : $"{Id}.up.sql";

    /// <summary>The names of its files and what is in them.</summary>
    public IReadOnlyList<(string Name, string Text)> Contents => Phase.IsBackfill()
        ? [(UpName, $"{Steps[0].Up[0]};\n")]
        : [(UpName, Up), (DownName, Down)];

    public string DownName => $"{Id}.down.sql";

    private string Up => Render(Steps.SelectMany(step => step.Allowances).Concat(Allowances).Distinct(), Steps.SelectMany(step => step.Up));

    private string Down => Irreversible.Length == 0 ? Render(AllowancesBack, Steps.Reverse().SelectMany(step => step.Down)) : $"-- irreversible: {Irreversible}\n";

    private string Irreversible => string.Join("; ", Steps.Select(step => step.Irreversible).OfType<string>());

    private string Render(IEnumerable<(string Rule, string Reason)> allowances, IEnumerable<string> statements)
    {
        var text = new StringBuilder();
        text.Append(Phase.IsOneTransaction() ? "" : "-- transaction: none\n");
        foreach (var (rule, reason) in allowances)
        {
            text.Append($"-- safety: allow {rule} \"{reason.Replace('"', '\'')}\"\n");
        }

        foreach (var statement in statements)
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(statement).Append(";\n");
        }

        return text.ToString();
    }
}
