using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Projections.Definitions;
using Projections.Tables;
using Projections.Tests.Folding;

namespace Projections.Tests.Documents;

/// <summary>A <see cref="Ledger"/> whose rows keep all but their key in a document that handlers change in place.</summary>
internal sealed class DocumentLedger(PoisonPolicy onPoison = PoisonPolicy.SetAside) : LedgerOf<DocumentLedger.Row>(onPoison)
{
    public override VersionFiles Files => new(
        "test/DocumentLedger/V1", "create table ledger_v1 (id int primary key, book jsonb not null)", null, "drop table ledger_v1", "none");

    public sealed class Row : ILedgerRow
    {
        [Key]
        public int Id { get; set; }

        [Column(TypeName = "jsonb")]
        public Book Book { get; set; } = new();

        [NotMapped]
        public int Changes => Book.Entries.Changes;

        [NotMapped]
        public string? Note
        {
            get => Book.Note;
            set => Book.Note = value;
        }

        public void Add(int amount) => Book.Add(amount);
    }

    public sealed class Book
    {
        public decimal Balance { get; private set; }

        public string? Note { get; set; }

        public Entries Entries { get; } = new();

        public void Add(int amount)
        {
            Entries.Add(amount);
            Balance = Math.Round(Balance + (amount / 3m), 2, MidpointRounding.AwayFromZero);
            if (amount == Ledger.Unlucky)
            {
                throw new InvalidOperationException("unlucky");
            }
        }
    }

    public sealed class Entries
    {
        public int Changes { get; set; }

        public List<int> Amounts { get; } = [];

        public void Add(int amount)
        {
            Changes++;
            Amounts.Add(amount);
            if (Amounts.Count > 4)
            {
                Amounts.RemoveAt(0);
            }
        }
    }
}
