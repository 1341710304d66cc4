namespace Projections.Contracts;

/// <summary>An event that changed something, and so is published exactly because it was committed.</summary>
public interface IRecordedProjectionEvent : IProjectionEvent
{
    /// <summary>Grows from event to event: of two about the same version, the one with the higher number happened later. A number
    /// that was seen before is a repetition.</summary>
    long Sequence { get; }

    /// <summary>Who asked for it: a person, a program, or the worker that did it.</summary>
    string Who { get; }

    /// <summary>The reason that was given, if any.</summary>
    string? Why { get; }
}
