using System.ComponentModel.DataAnnotations;

namespace Projections.Checks;

/// <summary>What a catch-up check expects of a projection's versions, and what it does by itself. By default it only looks.</summary>
public class CatchUpOptions : IValidatableObject
{
    /// <summary>How long an event may wait to be folded before a version counts as lagging. The default is one minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "7.00:00:00")]
    public TimeSpan MaxLag { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long nothing may move, though there is work to do, before a version counts as stuck. The default is one minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "7.00:00:00")]
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a writer may hold back the source's safe head before the versions count as lagging. The default is one minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "7.00:00:00")]
    public TimeSpan MaxHold { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>After how many checks in a row that find a new version ready and healthy reads are switched to it; <c>null</c>, the
    /// default, leaves that to people.</summary>
    [Range(1, 100_000)]
    public int? SwitchAfterHealthyChecks { get; set; }

    /// <summary>Whether a version that is stuck is taken from its worker, for another or the same one to go on. The default is no.</summary>
    public bool RestartStuck { get; set; }

    /// <summary>How long after a switch to a newer version reads go back by themselves when it turns lagging, stuck or broken and
    /// the version before it is no worse off; <c>null</c>, the default, leaves that to people.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan? Probation { get; set; }

    /// <summary>How long a version may stand by for a rollback before it is time to retire it; <c>null</c>, the default, is for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan? StandbyRetention { get; set; }

    /// <summary>Whether a version is retired when its <see cref="StandbyRetention"/> is over, and the live one is healthy. The default
    /// is no: the check then only says so.</summary>
    public bool RetireStandby { get; set; }

    /// <inheritdoc />
    public virtual IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (RetireStandby && StandbyRetention is null)
        {
            yield return new ValidationResult("RetireStandby needs a StandbyRetention: after how long?", [nameof(RetireStandby)]);
        }

        if (RetireStandby && StandbyRetention < Probation)
        {
            yield return new ValidationResult("StandbyRetention must not be shorter than Probation: there would be nothing to go back to.", [nameof(StandbyRetention)]);
        }
    }
}
