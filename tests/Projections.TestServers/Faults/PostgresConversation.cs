using System.Buffers;
using System.Buffers.Binary;

namespace Projections.TestServers.Faults;

/// <summary>
/// Hears each statement on its way to PostgreSQL, and lets something go wrong with it. An error comes from the server itself, which is given
/// something to refuse in the statement's place, so that it thinks of the transaction what the client is told.
/// </summary>
/// <param name="faultOf">What goes wrong with a statement, or <c>null</c>.</param>
/// <param name="takeRefusal">The SQLSTATE by which this connection is refused, or <c>null</c>.</param>
internal sealed class PostgresConversation(Func<SentStatement, WireFault?> faultOf, Func<string?> takeRefusal) : IConversation
{
    private const int EncryptionRequest = 80877103;
    private const int GssEncryptionRequest = 80877104;

    private static readonly string[] Ahead = ["BEGIN", "SAVEPOINT", "DISCARD", "CLOSE ALL", "SET SESSION AUTHORIZATION", "UNLISTEN", "RESET"];

    private readonly Lock _lock = new();
    private readonly PostgresMessages _asked = new();
    private readonly PostgresMessages _answered = new();
    private readonly Dictionary<string, string> _prepared = [];
    private readonly Dictionary<string, string> _portals = [];
    private string? _before;
    private bool _hasStarted;
    private bool _answersBarely;
    private int _roundsAsked;
    // The first to be ready is the greeting.
    private int _roundsAnswered = -1;
    private Pending? _pending;

    public Passed Asked(ReadOnlyMemory<byte> bytes)
    {
        lock (_lock)
        {
            _asked.Add(bytes.Span);
            var on = new ArrayBufferWriter<byte>();
            while (_asked.Next(_hasStarted) is { } message)
            {
                if (!_hasStarted && Start(message) is { } refusal)
                {
                    return new Passed(default, PostgresMessages.Error("FATAL", refusal), IsEnd: true);
                }

                if (_hasStarted && StatementOf(message) is { } statement && faultOf(statement) is { } fault)
                {
                    switch (fault.Kind)
                    {
                        case WireFaultKind.BreakBefore:
                            return Passed.End;
                        case WireFaultKind.Fatal:
                            return new Passed(default, PostgresMessages.Error("FATAL", fault.SqlState!), IsEnd: true);
                        default:
                            _pending = new Pending(fault, _roundsAsked, Commits(message, statement));
                            message = fault.Kind == WireFaultKind.Error ? Refused(message, statement) : message;
                            break;
                    }
                }

                // Each of these is answered by 'ready for query'.
                _roundsAsked += _hasStarted && message[0] is (byte)'Q' or (byte)'S' ? 1 : 0;
                on.Write(message);
            }

            return new Passed(on.WrittenMemory);
        }
    }

    public Passed Answered(ReadOnlyMemory<byte> bytes)
    {
        lock (_lock)
        {
            if (_answersBarely)
            {
                _answersBarely = false;
                return new Passed(bytes.ToArray());
            }

            _answered.Add(bytes.Span);
            var on = new ArrayBufferWriter<byte>();
            while (_answered.Next(isTyped: true) is { } message)
            {
                var kind = (char)message[0];
                if (_pending is { } pending && pending.Round == _roundsAnswered)
                {
                    if (pending.Fault.Kind == WireFaultKind.BreakAfter)
                    {
                        // Ready, or about to read what is copied.
                        if (kind is 'Z' or 'G' or 'H')
                        {
                            return new Passed(on.WrittenMemory, default, IsEnd: true);
                        }

                        continue;
                    }

                    if (kind == 'E' || (kind == 'C' && pending.Commits))
                    {
                        message = PostgresMessages.Error("ERROR", pending.Fault.SqlState!);
                    }

                    _pending = kind == 'Z' ? null : _pending;
                }

                _roundsAnswered += kind == 'Z' ? 1 : 0;
                on.Write(message);
            }

            return new Passed(on.WrittenMemory);
        }
    }

    /// <returns>The SQLSTATE by which the connection is refused, or <c>null</c>.</returns>
    private string? Start(byte[] message)
    {
        var code = BinaryPrimitives.ReadInt32BigEndian(message.AsSpan(sizeof(int)));
        _answersBarely = code is EncryptionRequest or GssEncryptionRequest;
        _hasStarted = !_answersBarely;
        return _hasStarted ? takeRefusal() : null;
    }

    private SentStatement? StatementOf(byte[] message)
    {
        var text = (char)message[0] switch
        {
            'Q' => PostgresMessages.Texts(message).First,
            'E' => _portals.GetValueOrDefault(PostgresMessages.Texts(message).First),
            _ => null,
        };
        switch ((char)message[0])
        {
            case 'P':
                var (name, sql) = PostgresMessages.Texts(message);
                _prepared[name] = sql;
                break;
            case 'B':
                var (portal, statement) = PostgresMessages.Texts(message);
                _portals[portal] = _prepared.GetValueOrDefault(statement, "");
                break;
        }

        if (string.IsNullOrWhiteSpace(text) || GoesAhead(text))
        {
            return null;
        }

        var sent = new SentStatement(text, _before);
        _before = text;
        return sent;
    }

    // The driver sends these in one message with what follows.
    private static bool GoesAhead(string text) => Array.Exists(Ahead, word => text.StartsWith(word, StringComparison.Ordinal));

    private static byte[] Refused(byte[] message, SentStatement statement) =>
        Commits(message, statement) ? PostgresMessages.Query("rollback")
        : message[0] == (byte)'Q' ? PostgresMessages.Query("no statement")
        : PostgresMessages.ExecuteNothing();

    // One among several in a message is refused as any other is.
    private static bool Commits(byte[] message, SentStatement statement) => statement.Commits && message[0] == (byte)'Q';

    /// <summary>A fault that shows in the answer.</summary>
    /// <param name="Fault">The fault.</param>
    /// <param name="Round">In which round of question and answer.</param>
    /// <param name="Commits">Whether the statement was to end its transaction; it does so, but keeps nothing.</param>
    private sealed record Pending(WireFault Fault, int Round, bool Commits);
}
