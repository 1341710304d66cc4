using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Projections.Commands;

/// <summary>A command about one version that need not be named where only one can be meant.</summary>
public abstract record VersionCommand : Command<OperationResult>
{
    /// <summary>The version; the only one that can be meant when <c>null</c>.</summary>
    [Description("The version, where there is more than one that could be meant."), Range(1, int.MaxValue)]
    public int? Version { get; init; }

    private protected override FormattableString Arguments => $"{Version}";
}
