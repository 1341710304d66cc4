using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Projections.Checks;
using Projections.Definitions;
using Projections.Tables;
using Quartz;

namespace Projections.Scheduling;

/// <summary>The section <c>Checks</c> of the configuration: what holds for all projections, and what differs for some.</summary>
public sealed class CheckSettings
{
    /// <summary>The section's name.</summary>
    public const string Section = "Checks";

    private const string Own = "Projections";

    private readonly ScheduledCheckOptions _otherwise;
    private readonly Dictionary<ProjectionName, ScheduledCheckOptions> _own;

    private CheckSettings(ScheduledCheckOptions otherwise, Dictionary<ProjectionName, ScheduledCheckOptions> own)
    {
        _otherwise = otherwise;
        _own = own;
        CatchUp = new CatchUpSettings(otherwise, own.ToDictionary(pair => pair.Key, CatchUpOptions (pair) => pair.Value));
    }

    /// <summary>What the checks expect and do.</summary>
    public CatchUpSettings CatchUp { get; }

    /// <exception cref="CheckSettingsInvalid">Something is wrong; the message lists all of it.</exception>
    public static CheckSettings Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        var errors = new List<string>();
        var common = ValuesOf(section);
        var otherwise = Bind(Section, common, errors);
        var own = new Dictionary<ProjectionName, ScheduledCheckOptions>();
        foreach (var projection in section.GetSection(Own).GetChildren())
        {
            if (!ProjectionName.IsValid(projection.Key))
            {
                errors.Add($"'{projection.Path}': '{projection.Key}' cannot be the name of a projection.");
                continue;
            }

            var values = new Dictionary<string, string?>(common, StringComparer.OrdinalIgnoreCase);
            foreach (var (key, value) in ValuesOf(projection))
            {
                values[key] = value;
            }

            own[new ProjectionName(projection.Key)] = Bind(projection.Path, values, errors);
        }

        return errors.Count == 0 ? new CheckSettings(otherwise, own) : throw new CheckSettingsInvalid(errors);
    }

    internal CronExpression CronOf(ProjectionName projection) =>
        new(_own.GetValueOrDefault(projection, _otherwise).Cron) { TimeZone = TimeZoneInfo.Utc };

    private static Dictionary<string, string?> ValuesOf(IConfigurationSection section) =>
        section.GetChildren()
            .Where(child => !child.Key.Equals(Own, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(child => child.Key, child => child.Value, StringComparer.OrdinalIgnoreCase);

    private static ScheduledCheckOptions Bind(string path, Dictionary<string, string?> values, List<string> errors)
    {
        var options = new ScheduledCheckOptions();
        try
        {
            new ConfigurationBuilder().AddInMemoryCollection(values).Build().Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException exception)
        {
            errors.Add($"'{path}': {exception.Message} {exception.InnerException?.Message}".TrimEnd());
            return options;
        }

        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        errors.AddRange(results.Select(result => $"'{path}:{result.MemberNames.FirstOrDefault()}': {result.ErrorMessage}"));
        return options;
    }
}
