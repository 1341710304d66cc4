
namespace Projections.Definitions;

/// <summary>A handler put a value into a row that its column cannot hold as it is.</summary>
public sealed class UnstorableValue(string message) : Exception(message);
