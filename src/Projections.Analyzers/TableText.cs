using Projections.Definitions;
using Projections.Tables;
using Projections.Tables.ColumnTypes;

namespace Projections.Analyzers;

/// <summary>Reads the columns out of a <c>table.sql</c> that declares one table plainly.</summary>
internal sealed class TableText
{
    private static readonly HashSet<string> EndOfType = new(StringComparer.Ordinal)
    {
        "collate", "constraint", "not", "null", "check", "default", "generated", "primary", "unique", "references", "deferrable", "initially", "compression", "storage",
    };

    private static readonly HashSet<string> OfTable = new(StringComparer.Ordinal) { "constraint", "primary", "unique", "check", "foreign", "exclude", "like" };

    // Others are refused at the start as well, or, like domains, need a database to say what they are.
    private static readonly HashSet<string> KnownTypes = new(StringComparer.Ordinal)
    {
        "smallint", "integer", "bigint", "real", "double precision", "numeric", "boolean", "uuid", "text", "citext", "character varying", "character", "bytea", "json", "jsonb",
        "date", "interval", "timestamp with time zone", "timestamp without time zone", "time with time zone", "time without time zone",
    };

    private readonly List<ColumnDefinition> _columns = [];
    private IReadOnlyList<string> _key = [];

    private TableText()
    {
    }

    /// <summary>The table, or <c>null</c> if the text says more than a plain declaration, or something else.</summary>
    public static TableShape? Read(string sql)
    {
        var statements = SqlWords.Statements(sql);
        var tables = statements.Where(IsTable).ToArray();
        if (tables.Length != 1 || statements.Any(statement => statement.Is(0, "alter")))
        {
            return null;
        }

        var table = tables[0];
        var name = table.After("table").SkipWords("if", "not", "exists").Name();
        return name is null || table.Parenthesised(name) is not { } items ? null : new TableText().Read(name, items);
    }

    private static bool IsTable(SqlWords statement) =>
        statement.Is(0, "create") && (statement.Is(1, "table") || (statement.Is(1, "unlogged") && statement.Is(2, "table")));

    private TableShape? Read(string name, IEnumerable<SqlWords> items)
    {
        foreach (var item in items)
        {
            if (!(item.IsAny(0, OfTable) ? ReadConstraint(item) : ReadColumn(item)))
            {
                return null;
            }
        }

        return new TableShape(name, [.. _columns.Select(column => Keyed(column))]);
    }

    private ColumnDefinition Keyed(ColumnDefinition column)
    {
        var place = _key.TakeWhile(name => name != column.Name).Count();
        return place < _key.Count ? column with { KeyOrdinal = place + 1, IsNullable = false } : column;
    }

    private bool ReadConstraint(SqlWords item)
    {
        if (item.Is(0, "like") || item.Is(2, "not"))
        {
            return false;
        }

        if (item.Find("primary", "key") is { } key)
        {
            _key = key.FirstParenthesised()?.Select(part => part.Name() ?? "").ToArray() ?? [];
        }

        return true;
    }

    private bool ReadColumn(SqlWords item)
    {
        var name = item.Name();
        var written = item.Rest(1).Until(EndOfType);
        var serial = written is "serial" or "bigserial" or "smallserial";
        var type = serial ? (written == "serial" ? "integer" : written == "bigserial" ? "bigint" : "smallint") : TypeSpelling.Normalize(written);
        if (name is null || !KnownTypes.Contains(Plain(type)))
        {
            return false;
        }

        if (item.Find("generated", "always", "as") is { } generated && !generated.Is(3, "identity"))
        {
            return true;
        }

        var isKey = item.Find("primary", "key") is not null;
        _columns.Add(new ColumnDefinition(name, type, !(serial || isKey || item.Find("not", "null") is not null || item.Find("as", "identity") is not null), 0));
        _key = isKey ? [name] : _key;
        return true;
    }

    private static string Plain(string type)
    {
        var end = type.IndexOfAny(['(', '[']);
        return end < 0 ? type : type.Substring(0, end);
    }
}
