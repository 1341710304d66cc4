using System.CommandLine;
using Projections.Commands;
using Projections.Definitions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Projections.CommandLine.Commands.Release;

/// <summary>The file that says which versions go live together: a line each, <c>invoice_summary: 2</c>, in any order.</summary>
internal static class ReleaseFile
{
    /// <summary>The file as an argument; it is read when it is asked for, once.</summary>
    public static Argument<Lazy<IReadOnlyList<VersionId>>> Argument() => new("FILE")
    {
        Description = "A YAML file with a line for each projection: 'invoice_summary: 2'.",
        CustomParser = result => new Lazy<IReadOnlyList<VersionId>>(() => Read(result.Tokens[0].Value)),
    };

    /// <summary>The versions that a file names, in the order of their projections' names.</summary>
    /// <exception cref="OperationRefused">It cannot be read, or names none.</exception>
    private static IReadOnlyList<VersionId> Read(string path)
    {
        try
        {
            return Versions(File.ReadAllText(path));
        }
        catch (Exception exception) when (exception is FormatException or YamlException or IOException or UnauthorizedAccessException)
        {
            throw new OperationRefused($"'{path}' is no release. {exception.InnerException?.Message ?? exception.Message} Expected is a line for each projection, such as 'invoice_summary: 2'.", isMistake: true);
        }
    }

    private static IReadOnlyList<VersionId> Versions(string text)
    {
        var versions = new DeserializerBuilder().WithDuplicateKeyChecking().Build().Deserialize<Dictionary<string, int>?>(text);
        if (versions is not { Count: > 0 })
        {
            throw new FormatException("It names no projection.");
        }

        if (versions.FirstOrDefault(version => version.Value < 1) is { Key: { } name, Value: var number })
        {
            throw new FormatException($"'{name}' has no version {number}.");
        }

        return [.. versions.Select(version => new VersionId(new ProjectionName(version.Key), version.Value)).OrderBy(version => version.Projection.Value, StringComparer.Ordinal)];
    }
}
