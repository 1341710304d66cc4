using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Projections.Events;
using Projections.Tables;

namespace Projections.Testing.Tests.Impure;

/// <summary>An event of the planted handlers. A class whose members can be set, as some applications have them.</summary>
public sealed class Noted
{
    public string Text { get; set; } = "";

    public decimal Amount { get; set; }

    public int Seen { get; set; }
}

/// <summary>How notes were stored once.</summary>
public sealed record NotedV1(string Text);

/// <summary>The row of the planted handlers.</summary>
public sealed class PlantedRow
{
    private int _private;

    [Key]
    public Guid Id { get; set; }

    public string Text { get; set; } = "";

    public decimal Number { get; set; }

    public int[] Items { get; set; } = [];

    [NotMapped]
    public int Unmapped { get; set; }

    public int CountPrivately() => ++_private;
}

/// <summary>A version with a handler that is not pure. The banned symbols of a team's project would find few of them.</summary>
public abstract class Planted() : TableProjection<Guid, PlantedRow>("planted", 1, Types)
{
    public static readonly EventTypes Types = Events.EventTypes.Create(types => types.Map<Noted>("noted"));

    protected override void Define(FoldDefinition<Guid, PlantedRow> on) => on.Event<Noted>().ByStream().Upserts((row, e) => Change(row, e));

    protected abstract void Change(PlantedRow row, Event<Noted> e);
}
