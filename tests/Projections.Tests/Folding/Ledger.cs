using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Projections.Definitions;
using Projections.Tables;

namespace Projections.Tests.Folding;

/// <summary>A version that does everything a fold can do: rows made, changed, replaced, deleted and made again, several by one event.</summary>
internal sealed class Ledger(PoisonPolicy onPoison = PoisonPolicy.SetAside) : LedgerOf<Ledger.Row>(onPoison)
{
    /// <summary>A handler that is given this throws, after it has changed its row.</summary>
    public const int Unlucky = 13;

    /// <summary>Rows that have been added to so often are deleted.</summary>
    public const int Full = 6;

    /// <summary>See <see cref="ProjectionVersion.WithoutBeginning"/>.</summary>
    public StreamsWithoutBeginning OfCutStreams { get; init; }

    public override StreamsWithoutBeginning WithoutBeginning => OfCutStreams;

    public override VersionFiles Files => new(
        "test/Ledger/V1",
        "create table ledger_v1 (id int primary key, balance numeric(12,2) not null, changes int not null, note text, amounts int[] not null)",
        null,
        "drop table ledger_v1",
        "none");

    public sealed class Row : ILedgerRow
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
