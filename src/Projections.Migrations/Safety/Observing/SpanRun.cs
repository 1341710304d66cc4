using Npgsql;
using Projections.Postgres;

namespace Projections.Migrations.Safety.Observing;

/// <summary>Runs the statements of a span: in one go, or one by one where some of them may be refused for want of rows.</summary>
internal sealed class SpanRun(NpgsqlConnection connection, StatementFrame frame, StatementSpan span)
{
    private const string Savepoint = "before_each";

    private readonly ulong[] _affected = new ulong[span.Count];
    private readonly Dictionary<int, PostgresException> _passedOver = [];
    private int? _failed;

    /// <summary>What refused statements that were passed over, by their places.</summary>
    public IReadOnlyDictionary<int, PostgresException> PassedOver => _passedOver;

    /// <summary>The place of the statement that failed; where nobody knows, one in the middle.</summary>
    public int FailedAt => _failed ?? span.Middle;

    /// <summary>The place of the first statement that changed so many rows; <c>null</c> when none did.</summary>
    public int? FindChanging(ulong rows) => Array.FindIndex(_affected, affected => affected >= rows) is >= 0 and var found ? span.First + found : null;

    public async Task TogetherAsync(CancellationToken cancellationToken)
    {
        await using var batch = Batch([.. Enumerable.Range(span.First, span.Count).Select(TextAt)]);
        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException failure)
        {
            // The driver says which one it was only where the connection string asks for that.
            _failed = failure.BatchCommand is NpgsqlBatchCommand failed ? span.First + batch.BatchCommands.IndexOf(failed) : null;
            throw;
        }

        for (var i = 0; i < span.Count; i++)
        {
            _affected[i] = batch.BatchCommands[i].Rows;
        }
    }

    /// <param name="isPassedOver">Which failures are no reason to end.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task OneByOneAsync(Func<PostgresException, bool> isPassedOver, CancellationToken cancellationToken)
    {
        for (var i = 0; i < span.Count; i++)
        {
            _failed = span.First + i;
            await using var batch = Batch($"SAVEPOINT {Savepoint}", TextAt(span.First + i), $"RELEASE SAVEPOINT {Savepoint}");
            try
            {
                await batch.ExecuteNonQueryAsync(cancellationToken);
                _affected[i] = batch.BatchCommands[1].Rows;
            }
            catch (PostgresException refused) when (isPassedOver(refused))
            {
                await connection.ExecuteLongAsync($"ROLLBACK TO SAVEPOINT {Savepoint}", cancellationToken);
                _passedOver[span.First + i] = refused;
            }
        }
    }

    private string TextAt(int place) => frame.File.Statements[place].Text;

    private NpgsqlBatch Batch(params IReadOnlyList<string> texts)
    {
        var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        foreach (var text in texts)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(text));
        }

        return batch;
    }
}
