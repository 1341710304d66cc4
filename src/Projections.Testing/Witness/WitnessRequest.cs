using Projections.Events;

namespace Projections.Testing.Witness;

/// <summary>What the other process is asked to fold.</summary>
/// <param name="AssemblyPath">Where the version's assembly is.</param>
/// <param name="TypeName">The version's class.</param>
/// <param name="Others">Events that are folded before, into rows that are thrown away.</param>
/// <param name="Given">The events of the spec.</param>
internal sealed record WitnessRequest(string AssemblyPath, string TypeName, IReadOnlyList<RecordedEvent> Others, IReadOnlyList<RecordedEvent> Given)
{
    public void Write(BinaryWriter output)
    {
        output.Write(AssemblyPath);
        output.Write(TypeName);
        Write(output, Others);
        Write(output, Given);
    }

    /// <returns>The next request, or <c>null</c> when there will be none.</returns>
    public static WitnessRequest? TryRead(BinaryReader input)
    {
        try
        {
            return new WitnessRequest(input.ReadString(), input.ReadString(), ReadEvents(input), ReadEvents(input));
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    private static void Write(BinaryWriter output, IReadOnlyList<RecordedEvent> events)
    {
        output.Write(events.Count);
        foreach (var e in events)
        {
            output.Write(e.Position.Major);
            output.Write(e.Position.Minor);
            output.Write(e.Stream.IsGuid);
            output.Write(e.Stream.Text);
            output.Write(e.StreamVersion);
            output.Write(e.Type);
            Write(output, e.Data);
            Write(output, e.Metadata);
            output.Write(e.Time.Ticks);
            output.Write(e.Tenant is not null);
            output.Write(e.Tenant ?? "");
        }
    }

    private static RecordedEvent[] ReadEvents(BinaryReader input)
    {
        var events = new RecordedEvent[input.ReadInt32()];
        for (var i = 0; i < events.Length; i++)
        {
            events[i] = new RecordedEvent
            {
                Position = new EventPosition(input.ReadInt64(), input.ReadInt64()),
                Stream = input.ReadBoolean() ? new StreamId(Guid.Parse(input.ReadString())) : new StreamId(input.ReadString()),
                StreamVersion = input.ReadInt64(),
                Type = string.Intern(input.ReadString()),
                Data = input.ReadBytes(input.ReadInt32()),
                Metadata = input.ReadBytes(input.ReadInt32()),
                Time = new DateTime(input.ReadInt64(), DateTimeKind.Utc),
                Tenant = input.ReadBoolean() ? input.ReadString() : Nothing(input.ReadString()),
            };
        }

        return events;
    }

    private static string? Nothing(string _) => null;

    private static void Write(BinaryWriter output, ReadOnlyMemory<byte> bytes)
    {
        output.Write(bytes.Length);
        output.Write(bytes.Span);
    }
}
