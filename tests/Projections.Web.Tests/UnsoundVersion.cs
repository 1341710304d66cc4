using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.ReadModels.Invoicing;
using Projections.Tables;

namespace Projections.Web;

/// <summary>A version that handles no event, which is wrong.</summary>
internal sealed class UnsoundVersion(string projection, int number) : TableProjection<Guid, UnsoundVersion.Row>(projection, number, InvoicingEvents.Types)
{
    public override VersionFiles Files => new("", "", null, "", "");

    protected override void Define(FoldDefinition<Guid, Row> on)
    {
    }

    public sealed class Row
    {
        [Key]
        public Guid Id { get; set; }
    }
}
