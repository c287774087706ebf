namespace ServerlessLoki.Infra.Tests.Bicep;

/// <summary>Cuts Bicep source into tokens. Line ends are tokens, because Bicep separates by them.</summary>
internal sealed class Lexer(string source, int line = 1)
{
    private static readonly string[] Symbols =
        ["...", "==", "!=", "=~", "!~", "<=", ">=", "&&", "||", "??", "=>", "::", ".?", "{", "}", "(", ")", "[", "]", ".", ",", ":", "?", "=", "<", ">", "!", "+", "-", "*", "/", "%", "@", "|"];

    private int _at;
    private int _line = line;

    public IReadOnlyList<Token> Read()
    {
        var tokens = new List<Token>();
        while (_at < source.Length)
        {
            var c = source[_at];
            if (c == '\n')
            {
                tokens.Add(new(TokenKind.NewLine, "\n", _line++));
                _at++;
            }
            else if (char.IsWhiteSpace(c))
            {
                _at++;
            }
            else if (Here("//"))
            {
                _at = End(source.IndexOf('\n', _at));
            }
            else if (char.IsLetter(c) || c == '_')
            {
                tokens.Add(Take(TokenKind.Name, x => char.IsLetterOrDigit(x) || x == '_'));
            }
            else if (char.IsDigit(c))
            {
                tokens.Add(Take(TokenKind.Number, char.IsDigit));
            }
            else if (c == '\'')
            {
                tokens.Add(ReadText());
            }
            else
            {
                var symbol = Array.Find(Symbols, Here) ?? throw Fault($"'{c}' is no part of Bicep");
                tokens.Add(new(TokenKind.Symbol, symbol, _line));
                _at += symbol.Length;
            }
        }

        tokens.Add(new(TokenKind.End, "", _line));
        return tokens;
    }

    private bool Here(string text) => string.CompareOrdinal(source, _at, text, 0, text.Length) == 0;

    private int End(int index) => index < 0 ? source.Length : index;

    private Token Take(TokenKind kind, Func<char, bool> belongs)
    {
        var start = _at;
        while (_at < source.Length && belongs(source[_at]))
            _at++;
        return new(kind, source[start.._at], _line);
    }

    private Token ReadText()
    {
        var start = ++_at;
        for (var depth = 0; _at < source.Length && source[_at] != '\n'; _at++)
        {
            if (source[_at] == '\\')
                _at++;
            else if (Here("${"))
                depth++;
            else if (source[_at] == '}' && depth > 0)
                depth--;
            else if (source[_at] == '\'' && depth == 0)
                return new(TokenKind.Text, source[start.._at++], _line);
        }

        throw Fault("a string does not end on its line");
    }

    private FormatException Fault(string what) => new($"line {_line}: {what}");
}
