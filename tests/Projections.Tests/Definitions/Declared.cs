using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;

namespace Projections.Tests.Definitions;

internal sealed record Happened(int Value);

internal sealed record Unmapped(int Value);

internal sealed record HappenedV1(int Value);

internal sealed class PlainRow
{
    [Key]
    public Guid Id { get; set; }

    public int Value { get; set; }
}

/// <summary>A version that says whatever a test wants it to say.</summary>
internal sealed class Declared<TKey, TRow>(
    Action<FoldDefinition<TKey, TRow>> define,
    string projection = "test",
    int version = 1,
    PoisonPolicy onPoison = PoisonPolicy.Stop,
    string? category = null,
    EventTypes? types = null)
    : TableProjection<TKey, TRow>(projection, version, types ?? DeclaredEvents.Types)
    where TKey : notnull
    where TRow : class, new()
{
    public override PoisonPolicy OnPoison => onPoison;

    public override string? StreamCategory => category;

    public ArchivedStreams OfArchived { get; init; }

    public override ArchivedStreams Archived => OfArchived;

    public override VersionFiles Files => new("test/V1", TableSql, IndexesSql, DownSql, "none");

    public string TableSql { get; init; } = "";

    public string? IndexesSql { get; init; }

    public string DownSql { get; init; } = $"drop table {projection}_v{version}";

    protected override void Define(FoldDefinition<TKey, TRow> on) => define(on);
}

internal static class DeclaredEvents
{
    public static readonly EventTypes Types = EventTypes.Create(types => types
        .Map<Happened>("happened")
        .Upcast<HappenedV1, Happened>("happened_v1", old => new Happened(old.Value)));
}

/// <summary>A version over <see cref="PlainRow"/>, for what has nothing to do with rows.</summary>
internal abstract class Plain(string projection, int version) : TableProjection<Guid, PlainRow>(projection, version, DeclaredEvents.Types)
{
    protected override void Define(FoldDefinition<Guid, PlainRow> on) =>
        on.Event<Happened>().ByStream().Upserts((row, e) => row.Value += e.Data.Value);
}
