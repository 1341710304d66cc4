using Projections.Definitions;
using Projections.ReadModels.Invoicing;
using Projections.SqlProjections;

namespace Projections.ReadModels.PaymentQueue.V1;

/// <summary>
/// The unpaid invoices of each customer, numbered in the order in which a transfer without a reference settles them. An invoice that goes moves
/// up all that stand behind it: a row depends on other rows, so that this is no fold by key.
/// </summary>
public sealed class PaymentQueueV1() : SqlProjection("payment_queue", 1, InvoicingEvents.Types)
{
    // An invoice whose beginning is gone never stood in the queue, and leaves it in vain.
    public override StreamsWithoutBeginning WithoutBeginning => StreamsWithoutBeginning.Skip;

    private const string Leave =
        """
        with gone as (
            delete from payment_queue_v1 where invoice_id = @invoice returning customer, place
        )
        update payment_queue_v1 as behind
        set place = behind.place - 1
        from gone
        where behind.customer = gone.customer and behind.place > gone.place
        """;

    protected override void Define(SqlDefinition on)
    {
        on.Event<InvoiceIssued>().Executes(
            """
            insert into payment_queue_v1 (invoice_id, customer, number, due_on, place)
            select @invoice, @customer, @number, @due_on, 1 + count(*)
            from payment_queue_v1
            where customer = @customer
            """,
            e => [("invoice", e.Stream.Guid), ("customer", e.Data.Customer), ("number", e.Data.Number), ("due_on", e.Data.DueOn)]);
        on.Event<InvoiceClosed>().Executes(Leave, e => [("invoice", e.Stream.Guid)]);
        on.Event<InvoiceCancelled>().Executes(Leave, e => [("invoice", e.Stream.Guid)]);
    }
}
