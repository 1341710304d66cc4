using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Projections.Definitions;
using Projections.Tables;

namespace Projections.Aggregates;

/// <summary>What the table keeps of an aggregate.</summary>
public abstract class AggregateState<TId, TAggregate>
    where TId : notnull
    where TAggregate : class
{
    /// <summary>The aggregate's key, mostly the name of its stream.</summary>
    public abstract TId Key { get; set; }

    [Column(TypeName = "jsonb")]
    public TAggregate Data { get; set; } = null!;

    /// <summary>The place of the last event in its stream, as the store counts.</summary>
    public long Version { get; set; }

    /// <summary>When the last event was stored, in UTC.</summary>
    public DateTime UpdatedAt { get; set; }
}

/// <summary>The row of an <see cref="AggregateProjection{TKey, TAggregate}"/>.</summary>
public sealed class AggregateRow<TKey, TAggregate> : AggregateState<TKey, TAggregate>
    where TKey : notnull
    where TAggregate : class
{
    [Key]
    public override TKey Key { get; set; } = default!;
}

/// <summary>The row of a <see cref="TenantAggregateProjection{TId, TAggregate}"/>.</summary>
public sealed class TenantAggregateRow<TId, TAggregate> : AggregateState<TId, TAggregate>
    where TId : notnull
    where TAggregate : class
{
    [Key]
    public string Tenant { get; set; } = "";

    [Key]
    public override TId Key { get; set; } = default!;
}

/// <summary>The key of a tenant's aggregate.</summary>
public readonly record struct TenantKey<TId>(string Tenant, TId Key)
    where TId : notnull;
