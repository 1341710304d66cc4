using System.Text;

namespace Projections.Migrations.Tests.Generating;

/// <summary>
/// Two schemas made by chance out of the same names, so that many things are in both, alike or different. Only what a generated migration can
/// write is in them: of each table one column may get another type, and no view shows it.
/// </summary>
internal sealed class RandomSchemas(int seed)
{
    private static readonly string[] Types = ["text", "integer", "bigint", "numeric(10,2)", "timestamp with time zone", "boolean", "jsonb", "app.mood"];

    // Some of them are stored alike.
    private static readonly string[][] TypesOfRestless =
    [
        ["character varying(40)", "character varying(80)", "text", "character varying(20)"], ["integer", "bigint", "numeric(12,2)"], ["text", "app.mood"],
        ["numeric(10,2)", "numeric(12,2)", "integer", "bigint"],
    ];

    // The place of the column whose type may change.
    private const int Restless = 4;

    private static readonly string[] Labels = ["new", "fine", "so so", "poor", "gone"];

    private readonly Random _random = new(seed);

    // Values of an enum are only ever added.
    private readonly HashSet<string> _labels = ["fine"];
    private readonly List<string> _fills = [];

    /// <summary>What rows get in new columns that they must have a value in.</summary>
    public IReadOnlyList<string> Fills => _fills;

    public (string Present, string Wanted) Pair()
    {
        var present = Draw([]);
        return (Render(present), Render(Draw(present)));
    }

    private bool Maybe(double share = 0.5) => _random.NextDouble() < share;

    private int Number(int count) => _random.Next(count);

    private List<Table> Draw(List<Table> before) =>
    [
        .. Enumerable.Range(0, 4).Where(_ => Maybe(0.7)).Select(number => DrawTable(number, before.Find(table => table.Number == number))),
    ];

    private Table DrawTable(int number, Table? before)
    {
        var columns = Enumerable.Range(0, 6).Where(_ => Maybe(0.6)).Select(place =>
        {
            var type = place == Restless ? TypesOfRestless[number][Number(TypesOfRestless[number].Length)] : Types[((number * 3) + place) % Types.Length];
            if (place == Restless && number == 2 && before is not null)
            {
                // Of a text PostgreSQL does not know by itself which value of an enum it is.
                _fills.Add($"{Table.NameOf(number)}.c{place}=c{place}::{type}");
            }

            var isNew = before is not null && before.Columns.All(column => column.Place != place);
            var standard = Maybe(0.4) ? DefaultOf(type) : null;
            var column = new Column(place, type, Maybe(0.4), standard);
            if (isNew && column.IsRequired && standard is null)
            {
                _fills.Add($"{Table.NameOf(number)}.{column.Name}={DefaultOf(type)}");
            }

            return column;
        });
        return new Table(number, [.. columns]);
    }

    private string DefaultOf(string type) => type switch
    {
        "text" => Maybe() ? "'none'" : "'it''s'",
        "integer" => Maybe() ? "app.one()" : "7",
        "bigint" => "42",
        "numeric(10,2)" or "numeric(12,2)" => "0",
        "timestamp with time zone" => "now()",
        "boolean" => Maybe() ? "true" : "false",
        "jsonb" => "'{}'",
        _ => "'fine'",
    };

    private string Render(List<Table> tables)
    {
        var sql = new StringBuilder();
        sql.AppendLine("CREATE SCHEMA app;");
        _labels.UnionWith(Labels.Where(_ => Maybe(0.3)));
        sql.AppendLine($"CREATE TYPE app.mood AS ENUM ({string.Join(", ", Labels.Where(_labels.Contains).Select(label => $"'{label}'"))});");
        sql.AppendLine($"CREATE DOMAIN app.amount AS numeric{(Maybe() ? $" DEFAULT {Number(2)}" : "")}{(Maybe() ? $" CONSTRAINT positive CHECK (VALUE > {-Number(2)})" : "")}{(Maybe(0.3) ? " CONSTRAINT small CHECK (VALUE < 1000000)" : "")};");
        sql.AppendLine($"CREATE FUNCTION app.one() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT {1 + Number(2)}';");
        sql.AppendLine($"CREATE FUNCTION app.shout({(Maybe() ? "word" : "said")} text) RETURNS text LANGUAGE sql AS 'SELECT upper($1)';");
        sql.AppendLine($"CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN {(Maybe() ? "NEW" : "coalesce(NEW, OLD)")}; END $$;");
        if (Maybe())
        {
            sql.AppendLine("REVOKE EXECUTE ON FUNCTION app.touch FROM PUBLIC; GRANT USAGE ON SCHEMA app TO pg_monitor; GRANT EXECUTE ON FUNCTION app.one TO pg_monitor WITH GRANT OPTION;");
        }

        if (Maybe())
        {
            sql.AppendLine($"CREATE SEQUENCE app.numbers INCREMENT BY {1 + Number(2)} CACHE {1 + Number(2)}{(Maybe() ? " CYCLE" : "")};");
        }

        foreach (var table in tables)
        {
            RenderTable(sql, table);
        }

        foreach (var table in tables)
        {
            RenderKeys(sql, table, tables);
            RenderRest(sql, table);
        }

        return sql.ToString();
    }

    private static void RenderTable(StringBuilder sql, Table table)
    {
        var key = table.Number switch { 1 => "id bigserial", 2 => "id bigint GENERATED ALWAYS AS IDENTITY", 3 => "cost app.amount, id bigint", _ => "id bigint" };
        var columns = table.Columns.Select(column => $"{column.Name} {column.Type}{(column.Default is { } value ? $" DEFAULT {value}" : "")}{(column.IsRequired ? " NOT NULL" : "")}");
        sql.AppendLine($"CREATE {(table.IsUnlogged ? "UNLOGGED " : "")}TABLE {table.Name} ({string.Join(", ", [$"{key} PRIMARY KEY", .. columns])});");
    }

    private void RenderKeys(StringBuilder sql, Table table, List<Table> tables)
    {
        foreach (var column in table.Columns)
        {
            if (column.Type is "integer" or "bigint" or "numeric(10,2)" or "numeric(12,2)" && Maybe(0.4))
            {
                sql.AppendLine($"ALTER TABLE {table.Name} ADD CONSTRAINT {column.Name}_positive CHECK ({column.Name} {(Maybe() ? ">= 0" : "> -1")});");
            }

            if (column.Type is "text" or "bigint" && Maybe(0.3))
            {
                sql.AppendLine($"ALTER TABLE {table.Name} ADD CONSTRAINT t{table.Number}_{column.Name}_key UNIQUE ({column.Name}{(Maybe(0.3) ? ", id" : "")}){(Maybe(0.2) ? " DEFERRABLE" : "")};");
            }

            if (column.Type == "bigint" && column.Place != Restless && column.Default is null && tables.Find(_ => Maybe(0.4)) is { } other && (table.IsUnlogged || !other.IsUnlogged))
            {
                sql.AppendLine($"ALTER TABLE {table.Name} ADD CONSTRAINT {column.Name}_other FOREIGN KEY ({column.Name}) REFERENCES {other.Name}{(Maybe() ? " ON DELETE CASCADE" : "")};");
            }

            if (column.Type is not "jsonb" && Maybe(0.4))
            {
                sql.AppendLine($"CREATE INDEX t{table.Number}_{column.Name} ON {table.Name} ({column.Name}{(Maybe(0.3) ? ", id" : "")}){(Maybe(0.3) ? $" WHERE {column.Name} IS NOT NULL" : "")};");
            }
        }
    }

    private void RenderRest(StringBuilder sql, Table table)
    {
        var shown = table.Columns.Where(column => column.Place != Restless && Maybe(0.7)).Select(column => column.Type == "text" && Maybe() ? $"app.shout({column.Name}) AS {column.Name}" : column.Name).ToList();
        if (Maybe(0.7))
        {
            sql.AppendLine($"CREATE VIEW app.v{table.Number} AS SELECT {string.Join(", ", ["id", .. shown])} FROM {table.Name}{(Maybe() ? " WHERE id > 0" : "")};");
            if (Maybe())
            {
                sql.AppendLine($"CREATE VIEW app.w{table.Number} AS SELECT count(id) AS total FROM app.v{table.Number};");
            }
        }

        if (Maybe(0.3))
        {
            sql.AppendLine($"CREATE MATERIALIZED VIEW app.m{table.Number} AS SELECT id FROM {table.Name}; CREATE UNIQUE INDEX m{table.Number}_id ON app.m{table.Number} (id);");
        }

        if (Maybe())
        {
            sql.AppendLine($"CREATE TRIGGER touched BEFORE {(Maybe() ? "INSERT" : "UPDATE")} ON {table.Name} FOR EACH ROW EXECUTE FUNCTION app.touch();");
            sql.AppendLine(Maybe() ? $"ALTER TABLE {table.Name} {(Maybe() ? "DISABLE" : "ENABLE ALWAYS")} TRIGGER touched;" : "");
        }

        if (Maybe(0.3))
        {
            sql.AppendLine($"ALTER TABLE {table.Name} ENABLE ROW LEVEL SECURITY; CREATE POLICY seen ON {table.Name} {(Maybe() ? "FOR SELECT" : "")} USING (id > {Number(2)});");
        }

        if (Maybe(0.4))
        {
            sql.AppendLine($"COMMENT ON TABLE {table.Name} IS 'Number {Number(2)}.';");
        }

        RenderSettings(sql, table);
        foreach (var column in table.Columns.Where(_ => Maybe(0.2)))
        {
            sql.AppendLine($"COMMENT ON COLUMN {table.Name}.{column.Name} IS 'It''s {Number(2)}.';");
        }
    }

    private void RenderSettings(StringBuilder sql, Table table)
    {
        if (Maybe(0.4))
        {
            sql.AppendLine($"ALTER TABLE {table.Name} SET (fillfactor = {70 + Number(2)}{(Maybe() ? ", toast.autovacuum_enabled = false" : "")});");
        }

        if (Maybe(0.2))
        {
            sql.AppendLine($"ALTER TABLE {table.Name} REPLICA IDENTITY FULL;");
        }

        if (Maybe(0.4))
        {
            sql.AppendLine($"GRANT {(Maybe() ? "SELECT" : "INSERT, DELETE")} ON {table.Name} TO {(Maybe() ? "pg_monitor" : "PUBLIC")};");
        }

        foreach (var column in table.Columns.Where(_ => Maybe(0.2)))
        {
            sql.AppendLine($"ALTER TABLE {table.Name} ALTER COLUMN {column.Name} SET STATISTICS {100 + Number(2)}, ALTER COLUMN {column.Name} SET (n_distinct = {5 + Number(2)});");
            sql.AppendLine($"GRANT UPDATE ({column.Name}) ON {table.Name} TO pg_monitor;");
            sql.AppendLine(column.Type is "text" or "jsonb" ? $"ALTER TABLE {table.Name} ALTER COLUMN {column.Name} SET STORAGE EXTERNAL, ALTER COLUMN {column.Name} SET COMPRESSION pglz;" : "");
        }
    }

    private sealed record Table(int Number, IReadOnlyList<Column> Columns)
    {
        public bool IsUnlogged => Number == 2;

        public string Name => NameOf(Number);

        public static string NameOf(int number) => number == 3 ? "app.\"T 3\"" : $"app.t{number}";
    }

    private sealed record Column(int Place, string Type, bool IsRequired, string? Default)
    {
        public string Name => $"c{Place}";
    }
}
