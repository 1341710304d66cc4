using Marten;
using Marten.Events;

namespace Projections.Marten;

/// <summary>Runs Marten's upcasters, which are functions over its serializer and a row, on an event's JSON.</summary>
internal static class UpcastReading
{
    public static object Read(EventMapping upcast, ISerializer serializer, ReadOnlyMemory<byte> json)
    {
        using var row = new JsonRow(json);
        return upcast.ReadEventData(serializer, row).Data;
    }

    /// <summary>Why an upcaster cannot be taken over, or <c>null</c> where it can: one that needs a database or a service fails before it has looked at the event.</summary>
    public static string? WhyNot(EventMapping upcast, ISerializer serializer)
    {
        using var row = new JsonRow("{}"u8.ToArray());
        try
        {
            upcast.ReadEventData(serializer, row);
            return null;
        }
#pragma warning disable CA1031 // Whatever it throws of an event that is none, it looked at it first.
        catch (Exception) when (row.WasRead)
#pragma warning restore CA1031
        {
            return null;
        }
#pragma warning disable CA1031 // It is code of the application's.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return $"The upcaster of '{upcast.EventTypeName}' to {upcast.DocumentType.Name} is asynchronous only, or fails without looking at the event: {failure.Message.TrimEnd('.')}. Rows are made of "
                + "events alone, so that a replay gives the same: make it an ordinary function, Upcast<TOld, TNew>(name, old => ...), or declare the event types by EventTypes.Create.";
        }
    }
}
