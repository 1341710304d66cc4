namespace Projections.Migrations.Parsing;

/// <summary>
/// Cuts an SQL text into tokens by the rules of PostgreSQL's own lexer (chapter "Lexical Structure" of its manual): nested
/// comments, dollar quotes, escape strings and their continuation on the next line, names with dollar signs.
/// It never judges whether the text is valid; an open quote runs to the end of the text.
/// </summary>
/// <remarks>Compiled into the analyzers as well, for .NET Standard 2.0: what came to .NET after that has no place here and in <see cref="SqlToken"/>.</remarks>
internal sealed class SqlLexer(string text)
{
    private int _at;
    private int _line = 1;

    /// <summary>Whether a backslash in a plain string is an ordinary character, as it is unless the session says otherwise.</summary>
    public bool StandardConformingStrings { get; set; } = true;

    /// <summary>The next token; <c>false</c> at the end of the text.</summary>
    public bool TryNext(out SqlToken token)
    {
        SkipBlanks();
        if (_at >= text.Length)
        {
            token = default;
            return false;
        }

        var start = _at;
        var line = _line;
        var kind = Take();
        token = new SqlToken(kind, text.Substring(start, _at - start), start, line);
        return true;
    }

    private char Current => _at < text.Length ? text[_at] : '\0';

    private char Next => _at + 1 < text.Length ? text[_at + 1] : '\0';

    private SqlTokenKind Take()
    {
        var c = Current;
        if (c == '\'')
        {
            return TakeString(escapes: !StandardConformingStrings);
        }

        if (c == '"')
        {
            return TakeQuotedName();
        }

        if (c == '$')
        {
            return TakeDollar();
        }

        if (IsNameStart(c))
        {
            return TakeWord();
        }

        if (IsDigit(c) || (c == '.' && IsDigit(Next)))
        {
            return TakeNumber();
        }

        if (c == ':')
        {
            return TakeColon();
        }

        _at++;
        return c == '\\' ? SqlTokenKind.Backslash : SqlTokenKind.Symbol;
    }

    private SqlTokenKind TakeWord()
    {
        var start = _at;
        while (IsNamePart(Current))
        {
            _at++;
        }

        var length = _at - start;
        var first = char.ToLowerInvariant(text[start]);
        if (length == 1 && Current == '\'' && first is 'e' or 'b' or 'x' or 'n')
        {
            return TakeString(escapes: first == 'e' || (first == 'n' && !StandardConformingStrings));
        }

        if (length == 1 && first == 'u' && Current == '&' && Next is '\'' or '"')
        {
            _at++;
            return Current == '"' ? TakeQuotedName() : TakeString(escapes: false);
        }

        return SqlTokenKind.Word;
    }

    private SqlTokenKind TakeNumber()
    {
        while (IsLetterOrDigit(Current) || Current is '.' or '_')
        {
            _at++;
        }

        return SqlTokenKind.Number;
    }

    private SqlTokenKind TakeColon()
    {
        _at++;
        if (Current == ':')
        {
            _at++;
            return SqlTokenKind.Symbol;
        }

        if (!IsNameStart(Current))
        {
            return SqlTokenKind.Symbol;
        }

        while (IsNamePart(Current))
        {
            _at++;
        }

        return SqlTokenKind.Parameter;
    }

    private SqlTokenKind TakeQuotedName()
    {
        _at++;
        while (_at < text.Length)
        {
            if (Advance() != '"')
            {
                continue;
            }

            if (Current != '"')
            {
                break;
            }

            _at++;
        }

        return SqlTokenKind.QuotedName;
    }

    private SqlTokenKind TakeString(bool escapes)
    {
        do
        {
            _at++;
            TakeStringBody(escapes);
        }
        while (TrySkipToContinuation());

        return SqlTokenKind.Text;
    }

    private void TakeStringBody(bool escapes)
    {
        while (_at < text.Length)
        {
            var c = Advance();
            if (c == '\\' && escapes && _at < text.Length)
            {
                Advance();
            }
            else if (c == '\'' && Current != '\'')
            {
                return;
            }
            else if (c == '\'')
            {
                _at++;
            }
        }
    }

    // Two strings with only blanks and at least one line end between them are one, and the second keeps the first one's kind:
    // after E'…' a backslash still escapes there.
    private bool TrySkipToContinuation()
    {
        var (at, line) = (_at, _line);
        var sawLineEnd = false;
        while (_at < text.Length)
        {
            if (Current == '-' && Next == '-')
            {
                SkipLine();
            }
            else if (char.IsWhiteSpace(Current))
            {
                sawLineEnd |= Advance() is '\n' or '\r';
            }
            else
            {
                break;
            }
        }

        if (sawLineEnd && Current == '\'')
        {
            return true;
        }

        (_at, _line) = (at, line);
        return false;
    }

    private SqlTokenKind TakeDollar()
    {
        var end = _at + 1;
        if (end < text.Length && IsDigit(text[end]))
        {
            _at++;
            while (IsDigit(Current))
            {
                _at++;
            }

            return SqlTokenKind.Parameter;
        }

        while (end < text.Length && (end == _at + 1 ? IsNameStart(text[end]) : IsTagPart(text[end])))
        {
            end++;
        }

        if (end >= text.Length || text[end] != '$')
        {
            _at++;
            return SqlTokenKind.Symbol;
        }

        var delimiter = text.Substring(_at, end + 1 - _at);
        var close = text.IndexOf(delimiter, end + 1, StringComparison.Ordinal);
        MoveTo(close < 0 ? text.Length : close + delimiter.Length);
        return SqlTokenKind.Text;
    }

    private void SkipBlanks()
    {
        while (_at < text.Length)
        {
            if (char.IsWhiteSpace(Current) || Current == '\uFEFF')
            {
                Advance();
            }
            else if (Current == '-' && Next == '-')
            {
                SkipLine();
            }
            else if (Current == '/' && Next == '*')
            {
                SkipBlockComment();
            }
            else
            {
                return;
            }
        }
    }

    private void SkipLine()
    {
        while (_at < text.Length && Current is not ('\n' or '\r'))
        {
            _at++;
        }
    }

    private void SkipBlockComment()
    {
        var depth = 0;
        do
        {
            if (Current == '/' && Next == '*')
            {
                depth++;
                _at += 2;
            }
            else if (Current == '*' && Next == '/')
            {
                depth--;
                _at += 2;
            }
            else
            {
                Advance();
            }
        }
        while (depth > 0 && _at < text.Length);
    }

    private char Advance()
    {
        var c = text[_at++];
        if (c == '\n')
        {
            _line++;
        }

        return c;
    }

    private void MoveTo(int end)
    {
        while (_at < end)
        {
            Advance();
        }
    }

    // Every character outside ASCII may stand in a name.
    private static bool IsNameStart(char c) => IsLetter(c) || c == '_' || c >= '\u0080';

    private static bool IsTagPart(char c) => IsNameStart(c) || IsDigit(c);

    private static bool IsDigit(char c) => c is >= '0' and <= '9';

    private static bool IsLetter(char c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z');

    private static bool IsLetterOrDigit(char c) => IsLetter(c) || IsDigit(c);

    private static bool IsNamePart(char c) => IsTagPart(c) || c == '$';
}
