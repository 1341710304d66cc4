using Projections.Migrations.Parsing;

namespace Projections.Migrations.Safety.Observing;

/// <summary>What of a file is still to be run, in order.</summary>
internal sealed class StatementQueue(IReadOnlyList<SqlStatement> statements, IReadOnlyCollection<int> alone)
{
    private readonly Stack<StatementSpan> _spans = new(StatementSpan.Of(statements, alone).Reverse());

    public bool TryTake(out StatementSpan span) => _spans.TryPop(out span);

    /// <summary>Puts back what was taken last, cut so that one statement stands alone.</summary>
    public void PutBack(StatementSpan span, int place)
    {
        foreach (var part in span.CutAt(place).Reverse())
        {
            _spans.Push(part);
        }
    }
}
