namespace Projections.Definitions;

/// <summary>A row was there, or was not, against what the handler declared.</summary>
public sealed class RowConflict(string message) : Exception(message)
{
    /// <summary>Whether a row was not there.</summary>
    internal bool IsOfMissingRow { get; init; }
}
