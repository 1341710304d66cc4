namespace Projections.CommandLine;

/// <summary>An event of a made-up history, ready to be appended to a store.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Number">Its place in the stream, from 1.</param>
/// <param name="Type">The event type's name.</param>
/// <param name="Data">Its body, JSON in UTF-8.</param>
/// <param name="Time">When it happened, UTC.</param>
public readonly record struct DemoEvent(Guid Stream, int Number, string Type, byte[] Data, DateTime Time);
