using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Projections.Tests.Definitions;

/// <summary>Row types with something wrong, and a few with nothing wrong.</summary>
internal static class RowsOf
{
    public readonly record struct Pair(Guid Owner, int Line);

    public readonly record struct Twisted(int Line, Guid Owner);

    public sealed class IntKey
    {
        [Key]
        public int Id { get; set; }
    }

    public sealed class NoKey
    {
        public Guid Id { get; set; }
    }

    public sealed class PairKey
    {
        [Key]
        public Guid Owner { get; set; }

        [Key]
        public int Line { get; set; }
    }

    public sealed class DecimalKey
    {
        [Key]
        public decimal Id { get; set; }
    }

    public sealed class CitextKey
    {
        [Key]
        [Column(TypeName = "citext")]
        public string Id { get; set; } = "";
    }

    public sealed class ArrayKey
    {
        [Key]
        public int[] Id { get; set; } = [];
    }

    public sealed class Unsupported
    {
        [Key]
        public Guid Id { get; set; }

        public Dictionary<string, int> Counts { get; set; } = [];

        public uint Number { get; set; }

        [Column(TypeName = "jsonb")]
        public int Document { get; set; }

        public Uri[] Links { get; set; } = [];
    }

    public sealed class ReadOnlyProperty
    {
        [Key]
        public Guid Id { get; set; }

        public int Value { get; set; }

        public int Double => Value * 2;
    }

    public sealed class TwoForOneColumn
    {
        [Key]
        public Guid Id { get; set; }

        public string UserName { get; set; } = "";

        [Column("user_name")]
        public string Login { get; set; } = "";
    }

    public sealed class LongName
    {
        [Key]
        public Guid Id { get; set; }

        public int AnExtremelyLongPropertyNameThatNobodyWouldEverWriteByHandButAGeneratorMight { get; set; }
    }
}
