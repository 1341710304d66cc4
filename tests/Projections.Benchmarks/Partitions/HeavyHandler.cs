using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Projections.Definitions;
using Projections.ReadModels.Invoicing;
using Projections.Tables;

namespace Projections.Benchmarks.Partitions;

/// <summary>
/// A row an invoice, with a seal over its events that takes some microseconds each to compute. Said once with the stream as the
/// key, and once with a key that only happens to be the stream's, which the engine cannot know.
/// </summary>
/// <param name="isByStream">Which of the two.</param>
internal sealed class HeavyHandler(bool isByStream) : TableProjection<Guid, HeavyHandler.Row>(isByStream ? ByStream : ByKey, 1, InvoicingEvents.Types)
{
    public const string ByStream = "sealed_by_stream";
    public const string ByKey = "sealed_by_key";

    private const int Rounds = 10;

    public override VersionFiles Files => new(
        $"Partitions/{Id.Projection}", $"create table {Id.Table} (invoice uuid primary key, events integer not null, sealed bytea not null)", null, $"drop table {Id.Table}", "none");

    protected override void Define(FoldDefinition<Guid, Row> on)
    {
        KeyOf(on.Event<InvoiceIssued>()).Creates((row, e) => row.Seal(e.StreamVersion));
        KeyOf(on.Event<LineAdded>()).Updates((row, e) => row.Seal(e.StreamVersion), WhenMissing.Fail);
        KeyOf(on.Event<TaxApplied>()).Updates((row, e) => row.Seal(e.StreamVersion), WhenMissing.Fail);
        KeyOf(on.Event<PaymentReceived>()).Updates((row, e) => row.Seal(e.StreamVersion), WhenMissing.Fail);
        KeyOf(on.Event<InvoiceClosed>()).Updates((row, e) => row.Seal(e.StreamVersion), WhenMissing.Fail);
    }

    private RowDefinition<Guid, Row, TEvent> KeyOf<TEvent>(EventDefinition<Guid, Row, TEvent> e) => isByStream ? e.ByStream() : e.By(one => one.Stream.Guid);

    internal sealed class Row
    {
        [Key]
        public Guid Invoice { get; set; }

        public int Events { get; set; }

        public byte[] Sealed { get; set; } = [];

        public void Seal(long version)
        {
            Events++;
            Span<byte> seal = stackalloc byte[SHA256.HashSizeInBytes];
            seal.Clear();
            Sealed.CopyTo(seal);
            seal[0] ^= (byte)version;
            for (var round = 0; round < Rounds; round++)
            {
                SHA256.HashData(seal, seal);
            }

            Sealed = seal.ToArray();
        }
    }
}
