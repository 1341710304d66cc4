using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Projections.Commands;
using Projections.Definitions;

namespace Projections.Switching;

/// <summary>A command that moves reads, and how it goes about it.</summary>
public abstract record SwitchingCommand : Command<SwitchResult>
{
    /// <summary>How many other projections' reads may move in the same transaction.</summary>
    internal const int MostOthers = 100;

    /// <summary>Other projections whose reads move in the same transaction, each with a version: <c>customer_total=3</c>. All of them move, or none.</summary>
    public abstract IReadOnlyList<string> With { get; init; }

    /// <summary>Whether the read name keeps exactly the columns that it has; <c>projections contract</c> widens it later. The default is no.</summary>
    [Description("Keep exactly the columns that the read name has now.")]
    public bool KeepContract { get; init; }

    /// <summary>Whether the new version may be empty or far smaller than the live one. The default is no.</summary>
    [Description("Switch although the version is empty or has far fewer rows than the live one.")]
    public bool AllowSmaller { get; init; }

    /// <summary>Whether to switch although a running snapshot is older than the new version's completion. The default is no.</summary>
    [Description("Switch although a running transaction is older than the version and would see it half built.")]
    public bool IgnoreOldSnapshots { get; init; }

    /// <summary>Whether to switch to a version that another program maintains, whose rows cannot be proved current. The default is no.</summary>
    [Description("Switch to a version that another program maintains, whose rows cannot be proved current.")]
    public bool AcceptExternal { get; init; }

    /// <summary>Whether readers may see other rows or columns behind the new version, by its row-level security and rights. The default is no.</summary>
    [Description("Switch although readers would see other rows or columns, by row-level security and rights.")]
    public bool AcceptAccess { get; init; }

    /// <summary>Whether statements that readers were seen to send may fail or get far worse plans behind the new version. The default is no.</summary>
    [Description("Switch although statements that readers send would fail or get far slower.")]
    public bool AcceptSlower { get; init; }

    /// <summary>Whether to refuse a version whose rows were not found to agree with the live one's by a comparison. The default is no.</summary>
    [Description("Refuse a version that no comparison has found to agree with the live one.")]
    public bool RequireVerified { get; init; }

    /// <summary>How long ago that comparison may be. The default is one hour.</summary>
    [Description("How long ago that comparison may be, a year at most. The default is 60 minutes.")]
    [JsonPropertyName("verifiedWithinMinutes"), JsonConverter(typeof(TimeInMinutes)), Display(Name = "age of the comparison"), TimeRange(0.001, 31_536_000)]
    public TimeSpan VerifiedWithin { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How far behind the source's safe head the new version may be. The default is 10 seconds.</summary>
    [Description("How far behind the event store the version may be, a day at most. The default is 10 seconds.")]
    [JsonPropertyName("maxLagSeconds"), JsonConverter(typeof(TimeInSeconds)), Display(Name = "lag"), TimeRange(0, 86_400)]
    public TimeSpan MaxLag { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an attempt may wait for the lock on the read name, hence how long readers may queue behind it; the first attempts
    /// wait for less. The default is 200 milliseconds.</summary>
    [Description("How long readers may queue behind one attempt, a minute at most. The default is 200 milliseconds.")]
    [JsonPropertyName("lockTimeoutMilliseconds"), JsonConverter(typeof(TimeInMilliseconds)), TimeRange(0.001, 60)]
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long to go on trying, over all attempts and waits: 20 minutes at most, less than RabbitMQ waits for a command to be acknowledged. The default
    /// is one minute.</summary>
    [Description("How long to go on trying, 20 minutes at most. The default is 60 seconds.")]
    [JsonPropertyName("patienceSeconds"), JsonConverter(typeof(TimeInSeconds)), TimeRange(0, 1200)]
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What they who give it are ready to put up with, and what is to go with it, in words; two people who differ in it do not want the same.</summary>
    internal string Concessions => string.Join(", ", new (bool Is, string Name)[]
    {
        (KeepContract, "keep-contract"),
        (AllowSmaller, "allow-smaller"),
        (IgnoreOldSnapshots, "ignore-old-snapshots"),
        (AcceptExternal, "accept-external"),
        (AcceptAccess, "accept-access"),
        (AcceptSlower, "accept-slower"),
    }.Where(concession => concession.Is).Select(concession => concession.Name).Concat(With.Order(StringComparer.Ordinal).Select(other => $"with {other}")));

    internal sealed override IReadOnlyList<ProjectionName> OthersIn(ProjectionRegistry registry) => [.. OtherVersions.Select(other => other.Projection)];

    /// <summary>The versions that are named beside the command's own.</summary>
    /// <exception cref="OperationRefused">That is none, or the same projection twice.</exception>
    internal IReadOnlyList<VersionId> OtherVersions
    {
        get
        {
            List<VersionId> others =
            [
                .. With.Select(text => VersionId.TryParse(text, out var other)
                    ? other
                    : throw new OperationRefused($"Cannot {Verb} '{Projection}': what goes with it is named as NAME=VERSION, such as 'customer_total=3'.", isMistake: true)),
            ];
            return others.Select(other => other.Projection).Append(Projection).GroupBy(name => name).FirstOrDefault(names => names.Count() > 1)?.Key is { } twice
                ? throw new OperationRefused($"Cannot {Verb} '{Projection}': '{twice}' is named twice.", isMistake: true)
                : others;
        }
    }

    /// <summary>Finds the versions that reads are to go to, the command's own first.</summary>
    /// <exception cref="OperationRefused">There is no such projection, or no version stands by.</exception>
    internal abstract Task<IReadOnlyList<VersionId>> FindTargetsAsync(ProjectionSystem system, CancellationToken cancellationToken);

    private protected string TextOfOthers => string.Concat(With.Order(StringComparer.Ordinal).Select(other => $" {other}"));

    /// <summary>Whether it takes two people, for this projection. A way back does not: who needs it has no time.</summary>
    internal virtual bool TakesTwo(ProjectionsOptions options, string projection) => options.TakesApproval(projection);
}
