using Projections.Events;

namespace Projections.SqlProjections;

/// <summary>An event type of a version made of statements, whatever the type is.</summary>
internal interface ISqlEventDefinition
{
    Type EventType { get; }

    bool HasStatements { get; }

    StatementRoute Route(EventTypes types, string name);
}

/// <summary>The statements that run for events of one type.</summary>
public sealed class SqlEventDefinition<TEvent> : ISqlEventDefinition
{
    private readonly List<SqlStatement<TEvent>> _statements = [];

    internal SqlEventDefinition()
    {
    }

    Type ISqlEventDefinition.EventType => typeof(TEvent);

    bool ISqlEventDefinition.HasStatements => _statements.Count > 0;

    /// <summary>Runs one statement; several calls run several, in order.</summary>
    /// <param name="sql">The statement, with parameters such as <c>@id</c>. Never built from the event's values.</param>
    /// <param name="parameters">The parameters' names, without <c>@</c>, and values.</param>
    public SqlEventDefinition<TEvent> Executes(string sql, Func<Event<TEvent>, (string Name, object? Value)[]> parameters)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sql);
        ArgumentNullException.ThrowIfNull(parameters);
        _statements.Add(new SqlStatement<TEvent>(sql, parameters));
        return this;
    }

    StatementRoute ISqlEventDefinition.Route(EventTypes types, string name) =>
        new StatementRoute<TEvent>(types.DecoderFor<TEvent>(name), [.. _statements]);
}
