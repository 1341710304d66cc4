using Microsoft.Extensions.Configuration;

namespace Projections.Bus.Tests;

internal static class Settings
{
    public static IConfiguration Of(params (string Setting, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Setting, (string?)setting.Value))).Build();
}
