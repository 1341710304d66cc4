using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Projections.Tests.Tables;

internal enum Colour
{
    Red,
    Green = 7,
    DeepBlue = -3,
}

/// <summary>A row with a property of every supported type that is no array, each also nullable.</summary>
internal class EveryScalar
{
    public const string ScalarsSql =
        """
        create table test_v1 (
            id int primary key,
            small smallint not null, number int not null, large bigint not null,
            single real not null, "double" double precision not null, exact numeric not null, money numeric(14,2) not null,
            flag boolean not null, uuid uuid not null, text text not null, short_text varchar(10) not null,
            at timestamptz not null, at_offset timestamptz not null, day date not null, span interval not null,
            bytes bytea not null, colour text not null, document jsonb not null, raw json not null,
            maybe_small smallint, maybe_number int, maybe_large bigint, maybe_single real, maybe_double double precision,
            maybe_exact numeric, maybe_money numeric(14,2), maybe_flag boolean, maybe_uuid uuid, maybe_text text,
            maybe_at timestamptz, maybe_at_offset timestamptz, maybe_day date, maybe_span interval, maybe_bytes bytea,
            maybe_colour text, maybe_document jsonb
        )
        """;

    [Key]
    public int Id { get; set; }

    public short Small { get; set; }

    public int Number { get; set; }

    public long Large { get; set; }

    public float Single { get; set; }

    public double Double { get; set; }

    public decimal Exact { get; set; }

    [Column(TypeName = "numeric(14,2)")]
    public decimal Money { get; set; }

    public bool Flag { get; set; }

    public Guid Uuid { get; set; }

    public string Text { get; set; } = "";

    [Column(TypeName = "varchar(10)")]
    public string ShortText { get; set; } = "";

    public DateTime At { get; set; }

    public DateTimeOffset AtOffset { get; set; }

    public DateOnly Day { get; set; }

    public TimeSpan Span { get; set; }

    public byte[] Bytes { get; set; } = [];

    public Colour Colour { get; set; }

    [Column(TypeName = "jsonb")]
    public string Document { get; set; } = "{}";

    [Column(TypeName = "json")]
    public string Raw { get; set; } = "{}";

    public short? MaybeSmall { get; set; }

    public int? MaybeNumber { get; set; }

    public long? MaybeLarge { get; set; }

    public float? MaybeSingle { get; set; }

    public double? MaybeDouble { get; set; }

    public decimal? MaybeExact { get; set; }

    [Column(TypeName = "numeric(14,2)")]
    public decimal? MaybeMoney { get; set; }

    public bool? MaybeFlag { get; set; }

    public Guid? MaybeUuid { get; set; }

    public string? MaybeText { get; set; }

    public DateTime? MaybeAt { get; set; }

    public DateTimeOffset? MaybeAtOffset { get; set; }

    public DateOnly? MaybeDay { get; set; }

    public TimeSpan? MaybeSpan { get; set; }

    public byte[]? MaybeBytes { get; set; }

    public Colour? MaybeColour { get; set; }

    [Column(TypeName = "jsonb")]
    public string? MaybeDocument { get; set; }

    [NotMapped]
    public string Ignored { get; set; } = "";
}

/// <summary>A row with a property of every supported type: the same, and arrays.</summary>
internal sealed class EveryType : EveryScalar
{
    public const string TableSql = ScalarsSql +
        """
        ;
        alter table test_v1
            add smalls smallint[] not null, add numbers int[] not null, add larges bigint[] not null, add singles real[] not null,
            add doubles double precision[] not null, add exacts numeric[] not null, add flags boolean[] not null, add uuids uuid[] not null,
            add texts text[] not null, add ats timestamptz[] not null, add at_offsets timestamptz[] not null, add days date[] not null,
            add spans interval[] not null, add maybe_texts text[]
        """;

    public short[] Smalls { get; set; } = [];

    public int[] Numbers { get; set; } = [];

    public long[] Larges { get; set; } = [];

    public float[] Singles { get; set; } = [];

    public double[] Doubles { get; set; } = [];

    public decimal[] Exacts { get; set; } = [];

    public bool[] Flags { get; set; } = [];

    public Guid[] Uuids { get; set; } = [];

    public string[] Texts { get; set; } = [];

    public DateTime[] Ats { get; set; } = [];

    public DateTimeOffset[] AtOffsets { get; set; } = [];

    public DateOnly[] Days { get; set; } = [];

    public TimeSpan[] Spans { get; set; } = [];

    public string[]? MaybeTexts { get; set; }
}
