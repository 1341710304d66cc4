using Microsoft.Extensions.Configuration;
using Projections.Hosting.Configuration;
using Projections.Web;
using Projections.Web.Security;

namespace Projections.CommandLine.Service;

/// <summary>Reads the section <c>Http</c>.</summary>
internal static class WebSettings
{
    public const string Section = "Http";

    private const string Keys = nameof(WebOptions.ApiKeys);

    /// <exception cref="SettingsInvalid">Something is wrong; the message lists all of it.</exception>
    public static WebOptions Read(IConfiguration configuration)
    {
        var errors = new List<string>();
        var options = new WebOptions();
        var section = configuration.GetSection(Section);
        SectionBinder.Bind(section, options, errors);
        options.ApiKeys = ReadKeys(section.GetSection(Keys), errors);
        SectionBinder.Bind(section.GetSection(nameof(WebOptions.Tokens)), options.Tokens, errors);
        options.Roles = ReadRoles(section.GetSection(nameof(WebOptions.Roles)), errors);
        errors.AddRange(options.FindErrors());
        foreach (var file in ((string?[])[options.CertificateFile, options.CertificateKeyFile, options.ApiKeysFile]).OfType<string>().Where(file => !File.Exists(file)))
        {
            errors.Add($"'{Section}' names the file '{file}', which is not there.");
        }

        return errors.Count == 0 ? options : throw new SettingsInvalid(errors);
    }

    private static List<RoleRights> ReadRoles(IConfigurationSection section, List<string> errors)
    {
        var roles = new List<RoleRights>();
        foreach (var setting in section.GetChildren())
        {
            if (RoleRights.TryParse(setting.Key, setting.Value ?? "", out var role))
            {
                roles.Add(role);
            }
            else
            {
                errors.Add($"'{setting.Path}' is '{setting.Value}', but expected are commands and the projections that they may be about, such as 'switch, rollback invoice_*; throttle *'.");
            }
        }

        return roles;
    }

    private static List<ApiKey> ReadKeys(IConfigurationSection section, List<string> errors)
    {
        var keys = new List<ApiKey>();
        foreach (var setting in section.GetChildren())
        {
            if (ApiKey.TryParse(setting.Key, setting.Value ?? "", out var key))
            {
                keys.Add(key);
            }
            else
            {
                // Not what stands there: somebody may have put the key itself.
                errors.Add($"'{setting.Path}' is not a role with a key's hash, such as operator:sha256:9f86d0... (64 digits). 'projections api-key {setting.Key}' makes one.");
            }
        }

        return keys;
    }
}
