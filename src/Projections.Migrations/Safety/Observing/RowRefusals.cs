using Npgsql;

namespace Projections.Migrations.Safety.Observing;

/// <summary>
/// Which statements of a file sample rows refused, and whose rows they were. A table is emptied once: what is refused after that is refused by rows
/// that the migration itself wrote, or that only production has.
/// </summary>
internal sealed class RowRefusals
{
    private readonly Dictionary<int, PostgresException> _refusals = [];
    private readonly HashSet<(string? Schema, string? Table)> _emptied = [];

    /// <summary>The places of the statements that were refused.</summary>
    public IReadOnlyCollection<int> Places => _refusals.Keys;

    /// <summary>Whether a statement was left out, because it asks for rows that only production has. Where one is, thousands may be.</summary>
    public bool IsAnyLeftOut { get; private set; }

    public void LeaveOut() => IsAnyLeftOut = true;

    /// <summary>What refused the statement at a place; <c>null</c> when nothing did.</summary>
    public PostgresException? Of(int place) => _refusals.GetValueOrDefault(place);

    /// <summary>Whether the rows that were made up are gone from the table that refused it, so that others are wanted.</summary>
    public bool IsWithout(PostgresException refused) => _emptied.Contains((refused.SchemaName, refused.TableName));

    /// <returns>Whether the table is to be emptied, and the statement tried again.</returns>
    public bool Add(int place, PostgresException refused)
    {
        if (!_emptied.Add((refused.SchemaName, refused.TableName)))
        {
            return false;
        }

        _refusals[place] = refused;
        return true;
    }
}
