using System.Collections.Immutable;
using System.Text;

namespace ServerlessLoki.Infra.Tests.Bicep;

/// <summary>
/// Reads the part of Bicep that infra/ uses and refuses the rest: a reader that guesses would make the tests below worthless.
/// It is no compiler: types are kept as text, and resource properties are not checked.
/// </summary>
internal sealed partial class Parser(IReadOnlyList<Token> tokens)
{
    private int _at;

    private Token Now => tokens[_at];

    public ImmutableArray<Declaration> ReadFile()
    {
        var declarations = ImmutableArray.CreateBuilder<Declaration>();
        for (SkipLines(); Now.Kind != TokenKind.End; SkipLines())
            declarations.Add(ReadDeclaration());
        return declarations.ToImmutable();
    }

    /// <summary>Reads one expression and nothing after it.</summary>
    public Node ReadAlone()
    {
        var node = ReadExpression();
        return Now.Kind == TokenKind.End ? node : throw Fault("the end of the expression");
    }

    private Declaration ReadDeclaration()
    {
        var decorators = ImmutableArray.CreateBuilder<CallNode>();
        for (; Is("@"); SkipLines())
        {
            _at++;
            decorators.Add(ReadExpression() as CallNode ?? throw Fault("a decorator"));
        }

        var line = Now.Line;
        var declaration = TakeName() switch
        {
            "targetScope" => ReadScope(line),
            "import" => ReadImport(line),
            "param" => ReadParameter(line),
            "var" => ReadVariable(line),
            "type" => new(DeclarationKind.Type, line, TakeName(), ReadType(), null, []),
            "resource" => ReadResource(line),
            "module" => ReadModule(line),
            "output" => new(DeclarationKind.Output, line, TakeName(), ReadType(), ReadAssigned(), []),
            _ => throw Back("a declaration"),
        };
        if (Now.Kind is not (TokenKind.NewLine or TokenKind.End) && !Is("}"))
            throw Fault("the end of the line");
        return declaration with { Decorators = decorators.ToImmutable() };
    }

    private Declaration ReadScope(int line) => new(DeclarationKind.TargetScope, line, "", "", ReadAssigned(), []);

    private Declaration ReadImport(int line)
    {
        Expect("{");
        var names = new List<string>();
        while (!Take("}"))
        {
            names.Add(TakeName());
            if (!Is("}"))
                Expect(",");
        }

        return TakeName() == "from" ? new(DeclarationKind.Import, line, string.Join(' ', names), TakeText(), null, []) : throw Back("'from'");
    }

    private Declaration ReadParameter(int line)
    {
        var name = TakeName();
        return new(DeclarationKind.Parameter, line, name, ReadType(), Is("=") ? ReadAssigned() : null, []);
    }

    private Declaration ReadVariable(int line)
    {
        var name = TakeName();
        return new(DeclarationKind.Variable, line, name, Is("=") ? "" : ReadType(), ReadAssigned(), []);
    }

    private Declaration ReadResource(int line)
    {
        var name = TakeName();
        var type = TakeText();
        var existing = Now is { Kind: TokenKind.Name, Text: "existing" };
        if (existing)
            _at++;
        return new(DeclarationKind.Resource, line, name, type, ReadBody(), []) { Existing = existing };
    }

    private Declaration ReadModule(int line) => new(DeclarationKind.Module, line, TakeName(), TakeText(), ReadBody(), []);

    private Node ReadBody()
    {
        Expect("=");
        if (Now is not { Kind: TokenKind.Name, Text: "if" })
            return ReadExpression();
        var line = Now.Line;
        _at++;
        Expect("(");
        var condition = ReadExpression();
        Expect(")");
        return new ConditionNode(line, condition, ReadExpression());
    }

    private Node ReadAssigned()
    {
        Expect("=");
        return ReadExpression();
    }

    /// <summary>A type as text: up to the end of the line or an equals sign, whole where it has brackets.</summary>
    private string ReadType()
    {
        if (Is("=") && tokens[_at - 1].Kind == TokenKind.Name && tokens[_at - 2].Text == "type")
            _at++;
        var text = new StringBuilder();
        for (var depth = 0; depth > 0 || (Now.Kind is not (TokenKind.NewLine or TokenKind.End) && !Is("=")); _at++)
        {
            if (Now.Kind == TokenKind.End)
                throw Fault("a closing bracket");
            if (depth == 0 && text.Length > 0 && Now.Kind == TokenKind.Name && tokens[_at - 1].Kind == TokenKind.Name)
                throw Fault("the end of the type");
            depth += Now.Kind != TokenKind.Symbol ? 0 : Now.Text switch { "{" or "[" or "(" => 1, "}" or "]" or ")" => -1, _ => 0 };
            text.Append(Now.Kind == TokenKind.Text ? $"'{Now.Text}'" : Now.Text);
        }

        return text.Length > 0 ? text.ToString() : throw Fault("a type");
    }

    private bool Is(string symbol) => Now.Kind == TokenKind.Symbol && Now.Text == symbol;

    private bool Take(string symbol)
    {
        var taken = Is(symbol);
        if (taken)
            _at++;
        return taken;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol))
            throw Fault($"'{symbol}'");
    }

    private string TakeName() => Now.Kind == TokenKind.Name ? tokens[_at++].Text : throw Fault("a name");

    private string TakeText() => Now.Kind == TokenKind.Text ? tokens[_at++].Text : throw Fault("a string");

    private void SkipLines()
    {
        while (Now.Kind == TokenKind.NewLine)
            _at++;
    }

    private FormatException Back(string wanted)
    {
        _at--;
        return Fault(wanted);
    }

    private FormatException Fault(string wanted) =>
        new($"line {Now.Line}: {(Now.Kind is TokenKind.NewLine or TokenKind.End ? "the line ends" : $"'{Now.Text}' stands")} where {wanted} is wanted");
}
