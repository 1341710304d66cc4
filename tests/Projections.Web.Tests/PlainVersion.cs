using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.ReadModels.Invoicing;
using Projections.Tables;

namespace Projections.Web;

/// <summary>Version 1 of a projection of any name, to have many of them.</summary>
internal sealed class PlainVersion(string name, int number = 1, string? seed = null) : TableProjection<Guid, PlainVersion.Row>(name, number, InvoicingEvents.Types)
{
    public override VersionFiles Files { get; } = new(
        $"projections/{name}/V{number}", $"create table {name}_v{number} (id uuid primary key, events integer not null)", null, $"drop table {name}_v{number}", new string('7', 64))
    {
        SeedSql = seed,
    };

    protected override void Define(FoldDefinition<Guid, Row> on) => on.Event<InvoiceClosed>().ByStream().Upserts((row, e) => row.Events++);

    public sealed class Row
    {
        [Key]
        public Guid Id { get; set; }

        public int Events { get; set; }
    }
}
