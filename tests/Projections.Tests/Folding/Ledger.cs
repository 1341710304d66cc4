using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Projections.Definitions;

namespace Projections.Tests.Folding;

/// <summary>A version that does everything a fold can do: rows made, changed, replaced, deleted and made again, several by one event.</summary>
internal sealed class Ledger(PoisonPolicy onPoison = PoisonPolicy.SetAside) : TableProjection<int, Ledger.Row>("ledger", 1, LedgerEvents.Types)
{
    /// <summary>A handler that is given this throws, after it has changed its row.</summary>
    public const int Unlucky = 13;

    /// <summary>Rows that have been added to so often are deleted.</summary>
    public const int Full = 6;

    public override PoisonPolicy OnPoison => onPoison;

    public override VersionFiles Files => new(
        "test/Ledger/V1",
        "create table ledger_v1 (id int primary key, balance numeric(12,2) not null, changes int not null, note text, amounts int[] not null)",
        null,
        "drop table ledger_v1",
        "none");

    protected override void Define(FoldDefinition<int, Row> on)
    {
        on.Event<Opened>().By(e => e.Data.Id).Creates((row, e) => row.Add(e.Data.Amount));
        on.Event<Reopened>().By(e => e.Data.Id).Creates((row, e) => row.Add(e.Data.Amount), WhenPresent.Replace);
        on.Event<Added>().By(e => e.Data.Id).Updates((row, e) => row.Add(e.Data.Amount), WhenMissing.Fail).DeletesWhen(row => row.Changes >= Full);
        on.Event<Noted>().By(e => e.Data.Id).Updates((row, e) => row.Note = e.Data.Note, WhenMissing.Skip);
        on.Event<Counted>().By(e => e.Data.Id).Upserts((row, e) => row.Add(e.Data.Amount));
        on.Event<Closed>().By(e => e.Data.Id).Deletes(WhenMissing.Fail);
        on.Event<Dropped>().By(e => e.Data.Id).Deletes(WhenMissing.Skip);
        on.Event<Transferred>().By(e => e.Data.From).Updates((row, e) => row.Add(-e.Data.Amount), WhenMissing.Fail);
        on.Event<Transferred>().By(e => e.Data.To).Upserts((row, e) => row.Add(e.Data.Amount));
        on.Event<Shared>().ByEach(e => e.Data.Ids).Upserts((row, e, id) => row.Add(e.Data.Amount + (id % 2)));
        on.Event<Swept>().ByEach(e => e.Data.Ids).Deletes(WhenMissing.Fail);
    }

    public sealed class Row
    {
        [Key]
        public int Id { get; set; }

        [Column(TypeName = "numeric(12,2)")]
        public decimal Balance { get; set; }

        public int Changes { get; set; }

        public string? Note { get; set; }

        public int[] Amounts { get; set; } = [];

        public void Add(int amount)
        {
            Changes++;
            Balance += amount / 3m;
            Amounts = [.. Amounts.TakeLast(3), amount];
            if (amount == Unlucky)
            {
                throw new InvalidOperationException("unlucky");
            }
        }
    }
}
