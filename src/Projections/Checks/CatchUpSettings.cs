using Projections.Definitions;

namespace Projections.Checks;

/// <summary>The options of all projections.</summary>
/// <param name="otherwise">Those of projections that have none of their own.</param>
/// <param name="own">Those of single projections.</param>
public sealed class CatchUpSettings(CatchUpOptions otherwise, IReadOnlyDictionary<ProjectionName, CatchUpOptions> own)
{
    /// <summary>Checks that only look, with the default limits.</summary>
    public CatchUpSettings()
        : this(new CatchUpOptions(), new Dictionary<ProjectionName, CatchUpOptions>())
    {
    }

    public CatchUpOptions For(ProjectionName projection) => own.GetValueOrDefault(projection, otherwise);
}
