using Projections.Definitions;
using Projections.Events;
using Projections.Tables;
using Projections.Testing.Folding;

namespace Projections.Testing.Witness;

/// <summary>What came of it in the other process.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Failures">The events that could not be decoded or folded, without their bodies.</param>
/// <param name="Error">Why there is no answer, or <c>null</c>.</param>
internal sealed record WitnessAnswer(IReadOnlyList<FoundRow> Rows, IReadOnlyList<SetAsideEvent> Failures, string? Error)
{
    public void Write(BinaryWriter output)
    {
        output.Write(Error ?? "");
        output.Write(Rows.Count);
        foreach (var row in Rows)
        {
            output.Write(row.Key);
            output.Write(row.Columns.Length);
            foreach (var column in row.Columns)
            {
                output.Write(column);
            }
        }

        output.Write(Failures.Count);
        foreach (var failure in Failures)
        {
            output.Write(failure.Position.Major);
            output.Write(failure.Type);
            output.Write((byte)failure.Stage);
            output.Write(failure.Error);
        }
    }

    public static WitnessAnswer Read(BinaryReader input)
    {
        var error = input.ReadString() is { Length: > 0 } text ? text : null;
        var rows = new FoundRow[input.ReadInt32()];
        for (var i = 0; i < rows.Length; i++)
        {
            var key = input.ReadString();
            var columns = new string[input.ReadInt32()];
            for (var column = 0; column < columns.Length; column++)
            {
                columns[column] = input.ReadString();
            }

            rows[i] = new FoundRow(key, columns);
        }

        var failures = new SetAsideEvent[input.ReadInt32()];
        for (var i = 0; i < failures.Length; i++)
        {
            var position = new EventPosition(input.ReadInt64());
            var type = input.ReadString();
            failures[i] = new SetAsideEvent(position, "", 0, type, [], [], default, null, (PoisonStage)input.ReadByte(), input.ReadString());
        }

        return new WitnessAnswer(rows, failures, error);
    }
}
