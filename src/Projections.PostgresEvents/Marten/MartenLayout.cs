namespace Projections.PostgresEvents.Marten;

/// <summary>Which options a Marten store was configured with, as far as they show in its tables. The default is Marten 9's.</summary>
public sealed record MartenLayout
{
    public static MartenLayout Default { get; } = new();

    /// <summary>Whether streams are named by UUIDs or by texts (<c>StreamIdentity.AsString</c>).</summary>
    public bool StreamsAreUuids { get; init; } = true;

    /// <summary>Whether a stream's name is unique only within its tenant (<c>TenancyStyle.Conjoined</c>).</summary>
    public bool IsConjoined { get; init; }

    /// <summary>Whether archived streams and their events are in partitions of their own (<c>UseArchivedStreamPartitioning</c>).</summary>
    public bool HasArchivePartitions { get; init; }

    /// <summary>Whether events carry correlation, causation, headers and the user's name (<c>MetadataConfig</c>).</summary>
    public bool HasHeaders { get; init; }

    /// <summary>Whether events can be marked as skipped (<c>EnableEventSkippingInProjectionsOrSubscriptions</c>).</summary>
    public bool HasSkipping { get; init; }

    /// <summary>Whether events carry their tags in a column (<c>DcbStorageMode.HStore</c>). Tag tables of their own change nothing here.</summary>
    public bool HasTags { get; init; }
}
