using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.Tables;

namespace Projections.Tests.Folding;

/// <summary>A <see cref="Ledger"/> in which each row is made of one stream, so that it can be folded in several partitions.</summary>
internal sealed class StreamLedger(PoisonPolicy onPoison = PoisonPolicy.SetAside) : TableProjection<string, StreamLedger.Row>("stream_ledger", 1, LedgerEvents.Types)
{
    public override PoisonPolicy OnPoison => onPoison;

    public override VersionFiles Files => new(
        "test/StreamLedger/V1",
        "create table stream_ledger_v1 (id text primary key, balance int not null, note text unique)",
        null,
        "drop table stream_ledger_v1",
        "none");

    protected override void Define(FoldDefinition<string, Row> on)
    {
        on.Event<Opened>().ByStream().Creates((row, e) => row.Add(e.Data.Amount));
        on.Event<Reopened>().ByStream().Creates((row, e) => row.Add(e.Data.Amount), WhenPresent.Replace);
        on.Event<Added>().ByStream().Updates((row, e) => row.Add(e.Data.Amount), WhenMissing.Fail).DeletesWhen(row => row.Balance > 40);
        on.Event<Counted>().ByStream().Upserts((row, e) => row.Add(e.Data.Amount));
        on.Event<Closed>().ByStream().Deletes(WhenMissing.Fail);
        on.Event<Dropped>().ByStream().Deletes(WhenMissing.Skip);
    }

    public sealed class Row
    {
        [Key]
        public string Id { get; set; } = "";

        public int Balance { get; set; }

        public string? Note { get; set; }

        public void Add(int amount)
        {
            Balance += amount;
            if (amount == Ledger.Unlucky)
            {
                throw new InvalidOperationException("unlucky");
            }
        }
    }
}
