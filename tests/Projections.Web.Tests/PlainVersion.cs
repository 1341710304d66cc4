using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.ReadModels.Invoicing;
using Projections.Tables;

namespace Projections.Web;

/// <summary>Version 1 of a projection of any name, to have many of them.</summary>
internal sealed class PlainVersion(string name) : TableProjection<Guid, PlainVersion.Row>(name, 1, InvoicingEvents.Types)
{
    public override VersionFiles Files { get; } = new(
        $"projections/{name}/V1", $"create table {name}_v1 (id uuid primary key, events integer not null)", null, $"drop table {name}_v1", new string('7', 64));

    protected override void Define(FoldDefinition<Guid, Row> on) => on.Event<InvoiceClosed>().ByStream().Upserts((row, e) => row.Events++);

    public sealed class Row
    {
        [Key]
        public Guid Id { get; set; }

        public int Events { get; set; }
    }
}
