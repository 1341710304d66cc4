using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Projections.Hosting.Configuration;

/// <summary>
/// Sets the properties of an options class from a section of the same names, and checks their limits. Unlike .NET's own
/// binder it goes on after an error, so that all of them are told at once, and it tells a setting that does not exist.
/// </summary>
internal static class SectionBinder
{
    public static void Bind(IConfigurationSection section, object options, ICollection<string> errors)
    {
        var properties = options.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(property => property.CanWrite).ToList();
        foreach (var setting in section.GetChildren())
        {
            var property = properties.FirstOrDefault(property => property.Name.Equals(setting.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                errors.Add($"'{setting.Path}' is no setting. There are: {string.Join(", ", properties.Select(known => $"{section.Path}:{known.Name}"))}.");
            }
            else if (!string.IsNullOrEmpty(setting.Value))
            {
                Set(setting, property, options, errors);
            }
        }

        CheckLimits(section, options, errors);
    }

    /// <summary>How a setting is set: in the environment or in the file.</summary>
    public static string HowToSet(string path) =>
        $"Set it by the environment variable {path.Replace(":", "__", StringComparison.Ordinal)} or in {SettingsReader.FileName}.";

    private static void Set(IConfigurationSection setting, PropertyInfo property, object options, ICollection<string> errors)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        try
        {
            property.SetValue(options, Convert(setting.Value!, type));
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            errors.Add($"'{setting.Path}' is '{setting.Value}', but expected is {Expected(type)}. {HowToSet(setting.Path)}");
        }
    }

    // Names of enumerations are written as in the catalog and on the command line: message-db.
    private static object? Convert(string value, Type type) => type.IsEnum
        ? Enum.Parse(type, value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true)
        : TypeDescriptor.GetConverter(type).ConvertFromInvariantString(value);

    private static string Expected(Type type)
    {
        if (type.IsEnum)
        {
            return $"one of {string.Join(", ", Enum.GetNames(type).Select(Hyphenated))}";
        }

        return type == typeof(TimeSpan) ? "a time such as 00:00:05" : type == typeof(bool) ? "true or false" : "a number";
    }

    private static string Hyphenated(string name) =>
        string.Concat(name.Select((letter, at) => char.IsUpper(letter) ? $"{(at > 0 ? "-" : "")}{char.ToLowerInvariant(letter)}" : $"{letter}"));

    private static void CheckLimits(IConfigurationSection section, object options, ICollection<string> errors)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        foreach (var result in results)
        {
            var path = $"{section.Path}:{result.MemberNames.FirstOrDefault()}";
            errors.Add($"'{path}': {result.ErrorMessage} {HowToSet(path)}");
        }
    }
}
