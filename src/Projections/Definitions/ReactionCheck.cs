namespace Projections.Definitions;

/// <summary>Finds everything that is wrong with reactions without asking a database.</summary>
internal static class ReactionCheck
{
    /// <param name="reactions">All of them.</param>
    /// <param name="versions">The versions that can be used.</param>
    /// <param name="errors">What is wrong with versions, to which is added what is wrong with reactions.</param>
    /// <returns>Those that can be used.</returns>
    public static IReadOnlyList<Reaction> FindUsable(IReadOnlyCollection<Reaction> reactions, IReadOnlyCollection<ProjectionVersion> versions, List<DeclarationError> errors)
    {
        // One that cannot be used might have fitted.
        var unsure = errors.Select(error => error.Version?.Projection).OfType<ProjectionName>().ToHashSet();
        return [.. reactions.Where(reaction => IsUsable(reaction, reactions, versions, unsure.Contains(reaction.Projection), errors))];
    }

    private static bool IsUsable(
        Reaction reaction, IReadOnlyCollection<Reaction> all, IReadOnlyCollection<ProjectionVersion> versions, bool hasUnusable, List<DeclarationError> errors)
    {
        var problems = new List<string>();
        try
        {
            problems.AddRange(reaction.FindProblems());
            problems.AddRange(problems.Count > 0 ? [] : ProblemsWith(reaction, [.. versions.Where(version => version.Id.Projection == reaction.Projection)], hasUnusable));
        }
        catch (Exception error)
        {
            problems.Add($"Its declaration failed: {error.GetType().Name}: {error.Message}");
        }

        if (all.Count(other => other.Projection == reaction.Projection && other.Name == reaction.Name) > 1)
        {
            problems.Add("Several classes declare a reaction of this name. Give each a name of its own.");
        }

        errors.AddRange(problems.Select(problem => new DeclarationError(null, $"The reaction {reaction}: {problem}")));
        return problems.Count == 0;
    }

    private static IEnumerable<string> ProblemsWith(Reaction reaction, IReadOnlyList<ProjectionVersion> versions, bool hasUnusable)
    {
        if (hasUnusable)
        {
            return [];
        }

        if (versions.Count == 0)
        {
            return [$"No version of '{reaction.Projection}' is declared. Name the projection to which it belongs."];
        }

        return versions.All(version => reaction.MisfitsOf(version).Count > 0)
            ? [$"No version of '{reaction.Projection}' has what it needs. {string.Join(" ", reaction.MisfitsOf(versions[^1]))}"]
            : [];
    }
}
