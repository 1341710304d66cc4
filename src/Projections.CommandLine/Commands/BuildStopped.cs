namespace Projections.CommandLine.Commands;

/// <summary>A version that was waited for stopped before its end; the message says why and how it goes on.</summary>
internal sealed class BuildStopped(string message) : Exception(message);
