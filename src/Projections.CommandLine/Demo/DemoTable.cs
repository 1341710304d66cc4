using Projections.Commands;
using Npgsql;
using Projections.Definitions;
using Projections.Postgres;
using Projections.Tables;

namespace Projections.CommandLine.Demo;

/// <summary>How the rows of the demo's projection are read, whichever version is live.</summary>
internal sealed class DemoTable
{
    private readonly IDemo _demo;
    private readonly string _key;
    private readonly IReadOnlyList<string> _common;

    /// <param name="demo">What is shown.</param>
    /// <param name="first">The version that is live at first.</param>
    /// <param name="second">The version that reads are switched to.</param>
    /// <exception cref="OperationRefused">The projection cannot be shown.</exception>
    public DemoTable(IDemo demo, ProjectionVersion first, ProjectionVersion second)
    {
        _demo = demo;
        First = first;
        Second = second;
        _key = KeyOf(first);
        var changes = second.ChangesSince(first.Id.Number);
        _common =
        [
            .. from column in first.Columns
               join other in second.Columns! on (column.Name, Plain(column)) equals (other.Name, Plain(other))
               where column.Name == demo.GrowingColumn
                   || !(changes.DifferentColumns.Contains(column.Name) || changes.ComputedColumns.ContainsKey(column.Name) || changes.RenamedColumns.ContainsKey(column.Name))
               select SqlName.Quote(column.Name),
        ];
    }

    public ProjectionVersion First { get; }

    public ProjectionVersion Second { get; }

    /// <summary>Finds the demo and the versions that it shows.</summary>
    /// <exception cref="OperationRefused">There is nothing to be shown.</exception>
    public static DemoTable Of(IDemo demo, ProjectionRegistry registry)
    {
        var versions = registry.VersionsOf(new ProjectionName(demo.Projection));
        return versions.Count switch
        {
            0 => throw new OperationRefused($"The demo {demo.GetType().Name} shows '{demo.Projection}', of which this program has no version that can be used.{string.Concat(registry.Errors.Select(error => $" {error}"))}"),
            1 => new DemoTable(demo, versions[0], versions[0].OnceMore()),
            _ => new DemoTable(demo, versions[0], versions[^1]),
        };
    }

    /// <summary>What a service queries: the columns that all versions have, with the growing one first, of the row of a key.</summary>
    public string Query => $"select {SqlName.Quote(_demo.GrowingColumn)}::numeric, {string.Join(", ", _common)} from {SqlName.Quote(_demo.Projection)} where {SqlName.Quote(_key)} = $1";

    public NpgsqlCommand ExistsCommand(NpgsqlDataSource sql, Guid key)
    {
        var command = sql.CreateCommand($"select exists (select from {SqlName.Quote(_demo.Projection)} where {SqlName.Quote(_key)} = $1)");
        command.Parameters.Add(new NpgsqlParameter { Value = key });
        return command;
    }

    /// <summary>Whether both versions hold the same rows in one snapshot, while events go on coming in.</summary>
    // A store that runs already may have other streams too, some with events that the first version does not know of.
    public NpgsqlCommand AgreeCommand(NpgsqlDataSource sql, Guid[] keys)
    {
        var command = sql.CreateCommand(
            $"""
            select not exists (
                select from {SqlName.Quote(First.Id.Table)} a full join {SqlName.Quote(Second.Id.Table)} b using ({SqlName.Quote(_key)})
                where {SqlName.Quote(_key)} = any($1)
                    and row({string.Join(", ", _common.Select(column => $"a.{column}"))}) is distinct from row({string.Join(", ", _common.Select(column => $"b.{column}"))}))
            """);
        command.Parameters.AddWithValue(keys);
        return command;
    }

    private static string KeyOf(ProjectionVersion version) => version.Columns?.Where(column => column.KeyOrdinal > 0).ToList() is [{ Type: "uuid" } key]
        ? key.Name
        : throw new OperationRefused($"The demo cannot show {version.Id}: it needs a row type whose only key is a UUID, that of the stream.");

    /// <summary>A column's type without length or precision.</summary>
    private static string Plain(ColumnDefinition column) => column.Type.Split('(')[0];
}
