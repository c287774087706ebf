using System.Collections.Immutable;

namespace ServerlessLoki.Infra.Tests.Bicep;

internal sealed partial class Parser
{
    // From what binds loosest to what binds tightest.
    private static readonly string[][] Levels = [["??"], ["||"], ["&&"], ["==", "!=", "=~", "!~"], ["<", ">", "<=", ">="], ["+", "-"], ["*", "/", "%"]];

    private Node ReadExpression()
    {
        var condition = ReadBinary(0);
        if (!Take("?"))
            return condition;
        var yes = ReadExpression();
        Expect(":");
        return new OperatorNode(condition.Line, "?", [condition, yes, ReadExpression()]);
    }

    private Node ReadBinary(int level)
    {
        if (level == Levels.Length)
            return ReadUnary();
        var left = ReadBinary(level + 1);
        while (Now.Kind == TokenKind.Symbol && Levels[level].Contains(Now.Text))
            left = new OperatorNode(Now.Line, tokens[_at++].Text, [left, ReadBinary(level + 1)]);
        return left;
    }

    private Node ReadUnary()
    {
        if (!Is("!") && !Is("-"))
            return ReadPostfix(ReadPrimary());
        var sign = tokens[_at++];
        return new OperatorNode(sign.Line, sign.Text, [ReadUnary()]);
    }

    private Node ReadPostfix(Node node)
    {
        while (true)
        {
            var line = Now.Line;
            if (Take(".") || Take(".?") || Take("::"))
            {
                var name = TakeName();
                node = Is("(") ? new CallNode(line, node, name, ReadArguments()) : new MemberNode(line, node, name);
            }
            else if (Take("["))
            {
                node = new IndexNode(line, node, ReadExpression());
                Expect("]");
            }
            else if (!Take("!"))
            {
                return node;
            }
        }
    }

    private Node ReadPrimary()
    {
        var token = Now;
        switch (token.Kind)
        {
            case TokenKind.Number:
                _at++;
                return new ConstantNode(token.Line, token.Text);
            case TokenKind.Text:
                _at++;
                return Interpolate(token);
            case TokenKind.Name:
                _at++;
                if (Take("=>"))
                    return new BindingNode(token.Line, [token.Text], null, ReadExpression());
                if (token.Text is "true" or "false" or "null")
                    return new ConstantNode(token.Line, token.Text);
                return Is("(") ? new CallNode(token.Line, null, token.Text, ReadArguments()) : new NameNode(token.Line, token.Text);
            default:
                return token.Text switch
                {
                    "{" => ReadObject(),
                    "[" => ReadArray(),
                    "(" => ReadParenthesised(),
                    _ => throw Fault("an expression"),
                };
        }
    }

    private Node ReadParenthesised()
    {
        Expect("(");
        SkipLines();
        var node = ReadExpression();
        SkipLines();
        Expect(")");
        return node;
    }

    private ImmutableArray<Node> ReadArguments()
    {
        Expect("(");
        var arguments = ImmutableArray.CreateBuilder<Node>();
        for (SkipLines(); !Is(")"); SkipLines())
        {
            arguments.Add(ReadExpression());
            SkipLines();
            if (!Is(")"))
                Expect(",");
        }

        Expect(")");
        return arguments.ToImmutable();
    }

    private ObjectNode ReadObject()
    {
        var line = Now.Line;
        Expect("{");
        var properties = ImmutableArray.CreateBuilder<PropertyNode>();
        var nested = ImmutableArray.CreateBuilder<Declaration>();
        for (SkipSeparators(); !Is("}"); SkipSeparators())
        {
            if (Is("@") || (Now is { Kind: TokenKind.Name, Text: "resource" } && tokens[_at + 1].Kind == TokenKind.Name))
            {
                nested.Add(ReadDeclaration());
                continue;
            }

            var at = Now.Line;
            var key = Now.Kind == TokenKind.Text ? ReadPrimary() : new NameNode(at, TakeName());
            Expect(":");
            properties.Add(new(at, key, ReadExpression()));
            ExpectSeparator("}");
        }

        Expect("}");
        return new(line, properties.ToImmutable(), nested.ToImmutable());
    }

    private Node ReadArray()
    {
        var line = Now.Line;
        Expect("[");
        SkipSeparators();
        if (Now is { Kind: TokenKind.Name, Text: "for" })
            return ReadLoop(line);
        var items = ImmutableArray.CreateBuilder<Node>();
        for (; !Is("]"); SkipSeparators())
        {
            items.Add(ReadExpression());
            ExpectSeparator("]");
        }

        Expect("]");
        return new ArrayNode(line, items.ToImmutable());
    }

    private BindingNode ReadLoop(int line)
    {
        _at++;
        var names = new List<string>();
        if (Take("("))
        {
            names.Add(TakeName());
            Expect(",");
            names.Add(TakeName());
            Expect(")");
        }
        else
        {
            names.Add(TakeName());
        }

        if (TakeName() != "in")
            throw Back("'in'");
        var source = ReadExpression();
        Expect(":");
        var body = ReadExpression();
        SkipLines();
        Expect("]");
        return new(line, [.. names], source, body);
    }

    private void SkipSeparators()
    {
        while (Now.Kind == TokenKind.NewLine || Is(","))
            _at++;
    }

    private void ExpectSeparator(string end)
    {
        if (Now.Kind != TokenKind.NewLine && !Is(",") && !Is(end))
            throw Fault($"a line end or '{end}'");
    }

    private static TextNode Interpolate(Token token)
    {
        var pieces = ImmutableArray.CreateBuilder<string>();
        var holes = ImmutableArray.CreateBuilder<Node>();
        var text = token.Text;
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == '$' && i + 1 < text.Length && text[i + 1] == '{')
            {
                var depth = 0;
                var end = i + 1;
                do
                {
                    depth += text[end] switch { '{' => 1, '}' => -1, _ => 0 };
                    end++;
                }
                while (depth > 0);
                pieces.Add(text[start..i]);
                holes.Add(new Parser(new Lexer(text[(i + 2)..(end - 1)], token.Line).Read()).ReadAlone());
                start = end;
                i = end - 1;
            }
        }

        pieces.Add(text[start..]);
        return new(token.Line, pieces.ToImmutable(), holes.ToImmutable());
    }
}
