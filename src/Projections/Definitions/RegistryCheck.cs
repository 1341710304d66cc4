using System.Globalization;

namespace Projections.Definitions;

/// <summary>Finds everything that is wrong with a set of versions without asking a database.</summary>
internal static class RegistryCheck
{
    public static List<DeclarationError> FindErrors(IReadOnlyCollection<ProjectionVersion> versions)
    {
        var errors = new List<DeclarationError>();
        foreach (var projection in versions.GroupBy(version => version.Id.Projection).OrderBy(group => group.Key.Value, StringComparer.Ordinal))
        {
            errors.AddRange(TwiceDeclared(projection));
            errors.AddRange(Gaps(projection.Key, projection));
        }

        foreach (var version in versions.OrderBy(version => version.Id.Table, StringComparer.Ordinal))
        {
            errors.AddRange(ProblemsOf(version).Select(problem => DeclarationError.Of(version.Id, problem)));
        }

        return errors;
    }

    private static IEnumerable<DeclarationError> TwiceDeclared(IEnumerable<ProjectionVersion> versions) => versions
        .GroupBy(version => version.Id)
        .Where(version => version.Count() > 1)
        .Select(version => DeclarationError.Of(
            version.Key,
            $"{version.Count()} classes declare this version: {string.Join(", ", version.Select(one => one.GetType().Name).Order(StringComparer.Ordinal))}. Give each a number of its own; a changed handler is a new version."));

    private static IEnumerable<DeclarationError> Gaps(ProjectionName projection, IEnumerable<ProjectionVersion> versions)
    {
        var numbers = versions.Select(version => version.Id.Number).ToHashSet();
        foreach (var number in numbers.Where(number => number < 1).Order())
        {
            yield return DeclarationError.Of(new VersionId(projection, number), "Versions are counted from 1. Give it the next free number.");
        }

        for (var number = numbers.Min(); number < numbers.Max(); number++)
        {
            if (!numbers.Contains(number))
            {
                var next = numbers.Where(other => other > number).Min().ToString(CultureInfo.InvariantCulture);
                yield return DeclarationError.Of(
                    new VersionId(projection, number), $"It is missing, but v{next} is declared. Number the versions without gaps; only the oldest, once retired, may be taken away.");
            }
        }
    }

    private static List<string> ProblemsOf(ProjectionVersion version)
    {
        var problems = new List<string>();
        try
        {
            problems.AddRange(version.FindProblems());
        }
        catch (Exception error)
        {
            problems.Add($"Its declaration failed: {error.GetType().Name}: {error.Message}");
        }

        try
        {
            _ = version.Files;
        }
        catch (VersionFilesMissing missing)
        {
            problems.AddRange(missing.Problems);
        }

        return problems;
    }
}
