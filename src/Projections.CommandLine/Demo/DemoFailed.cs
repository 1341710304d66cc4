namespace Projections.CommandLine.Demo;

/// <summary>The demo ran to its end, and did not show what it should.</summary>
internal sealed class DemoFailed(DemoFigures figures)
    : Exception($"{figures.FailedReads} reads failed, {figures.StaleReads} went back in time, and the two versions {(figures.VersionsAgree ? "agree" : "do not agree")}. {figures.FirstProblem}".TrimEnd());
