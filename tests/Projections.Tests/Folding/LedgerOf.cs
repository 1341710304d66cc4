using Projections.Definitions;
using Projections.Tables;

namespace Projections.Tests.Folding;

/// <summary>What the events of a ledger do, whatever its rows keep their state in.</summary>
internal abstract class LedgerOf<TRow>(PoisonPolicy onPoison) : TableProjection<int, TRow>("ledger", 1, LedgerEvents.Types)
    where TRow : class, ILedgerRow, new()
{
    public override PoisonPolicy OnPoison => onPoison;

    protected override void Define(FoldDefinition<int, TRow> on)
    {
        on.Event<Opened>().By(e => e.Data.Id).Creates((row, e) => row.Add(e.Data.Amount));
        on.Event<Reopened>().By(e => e.Data.Id).Creates((row, e) => row.Add(e.Data.Amount), WhenPresent.Replace);
        on.Event<Added>().By(e => e.Data.Id).Updates((row, e) => row.Add(e.Data.Amount), WhenMissing.Fail).DeletesWhen(row => row.Changes >= Ledger.Full);
        on.Event<Noted>().By(e => e.Data.Id).Updates((row, e) => row.Note = e.Data.Note, WhenMissing.Skip);
        on.Event<Counted>().By(e => e.Data.Id).Upserts((row, e) => row.Add(e.Data.Amount));
        on.Event<Closed>().By(e => e.Data.Id).Deletes(WhenMissing.Fail);
        on.Event<Dropped>().By(e => e.Data.Id).Deletes(WhenMissing.Skip);
        on.Event<Transferred>().By(e => e.Data.From).Updates((row, e) => row.Add(-e.Data.Amount), WhenMissing.Fail);
        on.Event<Transferred>().By(e => e.Data.To).Upserts((row, e) => row.Add(e.Data.Amount));
        on.Event<Shared>().ByEach(e => e.Data.Ids).Upserts((row, e, id) => row.Add(e.Data.Amount + (id % 2)));
        on.Event<Swept>().ByEach(e => e.Data.Ids).Deletes(WhenMissing.Fail);
    }
}

internal interface ILedgerRow
{
    int Changes { get; }

    string? Note { get; set; }

    void Add(int amount);
}
