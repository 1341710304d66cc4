namespace Projections.Verification;

/// <summary>In which steps two tables are compared.</summary>
internal sealed record ComparisonPace
{
    public static readonly ComparisonPace Usual = new();

    /// <summary>How much of both tables is looked at to find keys that divide them.</summary>
    public double SampledShare { get; init; } = 0.02;

    /// <summary>How many pages that are at most: the sample is a snapshot, too.</summary>
    public int MostSampledPages { get; init; } = 20_000;

    /// <summary>How many sampled pages of each table make a part. The rows of a page may be neighbours by their keys, too, and so count as little more than one.</summary>
    public int SampledPagesAPart { get; init; } = 32;

    /// <summary>How many parts the first range has. The second has four times as many; from the two it is known what ranges cost.</summary>
    public int FirstParts { get; init; } = 4;

    /// <summary>How long a snapshot may last. A range that would take longer is given up and divided.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the versions may be kept where they are, to look once more at rows that differ.</summary>
    public TimeSpan Standstill { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a range is to take: less than the limit, since what else the machine has to do changes from one to the next.</summary>
    public TimeSpan Aim => Limit * 0.8;
}
