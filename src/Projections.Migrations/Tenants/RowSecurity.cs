using Projections.Postgres;

namespace Projections.Migrations.Tenants;

/// <summary>Writes the statements that keep tenants apart in a table that they share.</summary>
public static class RowSecurity
{
    /// <summary>Switches row-level security on, also for the table's owner, with a policy for the tenant of the connection.</summary>
    /// <param name="schema">The table's schema.</param>
    /// <param name="table">The table.</param>
    /// <param name="column">The column that names the row's tenant, of type text.</param>
    /// <returns>SQL for an up file.</returns>
    public static string EnableSql(string schema, string table, string column = "tenant_id")
    {
        var (name, tenant) = (SqlName.Quote(schema, table), SqlName.Quote(column));
        return $"""
            ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;
            ALTER TABLE {name} FORCE ROW LEVEL SECURITY;
            CREATE POLICY tenant_of_connection ON {name}
                USING ({tenant} = current_setting('app.tenant', true))
                WITH CHECK ({tenant} = current_setting('app.tenant', true));
            """;
    }
}
