using System.ComponentModel.DataAnnotations;
using Projections.Checks;
using Quartz;

namespace Projections.Scheduling;

/// <summary>When a projection is checked, what is expected, and what is done about it: the section <c>Checks</c> of the
/// configuration, and below it <c>Checks:Projections:&lt;name&gt;</c> for what differs for one projection.</summary>
public sealed class ScheduledCheckOptions : CatchUpOptions
{
    /// <summary>When the check is made: seconds, minutes, hours, day of the month, month, day of the week, in UTC, as Quartz has
    /// them. The default is <c>0 * * * * ?</c>, at each full minute.</summary>
    [Required]
    public string Cron { get; set; } = "0 * * * * ?";

    /// <inheritdoc />
    public override IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var result in base.Validate(validationContext))
        {
            yield return result;
        }

        if (!CronExpression.IsValidExpression(Cron))
        {
            yield return new ValidationResult($"'{Cron}' is no cron expression, such as '0 */5 * * * ?' for every five minutes.", [nameof(Cron)]);
        }
    }
}
