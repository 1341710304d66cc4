using Projections.Postgres;

namespace Projections.Verification;

/// <summary>A column that is compared, under the later version's name.</summary>
/// <param name="Name">Its name in the report.</param>
/// <param name="Earlier">SQL for its value in a row of the earlier table.</param>
/// <param name="Later">SQL for its value in a row of the later table.</param>
/// <param name="Type">How the two are compared.</param>
/// <param name="IsKey">Whether it is part of the key.</param>
internal sealed record ComparedColumn(string Name, string Earlier, string Later, ComparedType Type, bool IsKey)
{
    public string Quoted => SqlName.Quote(Name);

    /// <summary>What is hashed of a value that stands under <see cref="Quoted"/>.</summary>
    public string Hashed => Type.Hashed is { } function ? $"{function}({Quoted})" : Quoted;
}

/// <summary>A column that was left out of a comparison.</summary>
/// <param name="Name">The column.</param>
/// <param name="Why">Why: only one version has it, or its values cannot be compared.</param>
internal sealed record ColumnLeftOut(string Name, string Why);
