using System.Collections.Immutable;

namespace ServerlessLoki.Infra.Tests.Bicep;

/// <summary>An expression of a Bicep file.</summary>
/// <param name="Line">Where it begins, from 1.</param>
internal abstract record Node(int Line)
{
    public virtual IEnumerable<Node> Children => [];

    /// <summary>This node and all below it.</summary>
    public IEnumerable<Node> All() => Children.SelectMany(c => c.All()).Prepend(this);
}

/// <summary>A string: its literal pieces, and the expressions between them.</summary>
internal sealed record TextNode(int Line, ImmutableArray<string> Pieces, ImmutableArray<Node> Holes) : Node(Line)
{
    public override IEnumerable<Node> Children => Holes;

    /// <summary>The text where nothing is interpolated; else null.</summary>
    public string? Literal => Holes.IsEmpty ? Pieces[0] : null;
}

/// <summary>A number, true, false or null.</summary>
internal sealed record ConstantNode(int Line, string Text) : Node(Line);

internal sealed record NameNode(int Line, string Name) : Node(Line);

internal sealed record PropertyNode(int Line, Node Key, Node Value) : Node(Line)
{
    public override IEnumerable<Node> Children => Key is NameNode ? [Value] : [Key, Value];

    /// <summary>The key where it is not computed.</summary>
    public string? Name => Key switch { NameNode name => name.Name, TextNode text => text.Literal, _ => null };
}

internal sealed record ObjectNode(int Line, ImmutableArray<PropertyNode> Properties, ImmutableArray<Declaration> Nested) : Node(Line)
{
    public override IEnumerable<Node> Children => [.. Properties, .. Nested.Select(n => n.Value).OfType<Node>()];

    public Node? this[string name] => Properties.FirstOrDefault(p => p.Name == name)?.Value;
}

internal sealed record ArrayNode(int Line, ImmutableArray<Node> Items) : Node(Line)
{
    public override IEnumerable<Node> Children => Items;
}

/// <summary>A call; <paramref name="Target"/> is null for a function, else what the method is called on.</summary>
internal sealed record CallNode(int Line, Node? Target, string Name, ImmutableArray<Node> Arguments) : Node(Line)
{
    public override IEnumerable<Node> Children => Target is null ? Arguments : [Target, .. Arguments];
}

/// <summary><c>a.b</c>, or <c>a::b</c> for a nested resource.</summary>
internal sealed record MemberNode(int Line, Node Target, string Name) : Node(Line)
{
    public override IEnumerable<Node> Children => [Target];
}

internal sealed record IndexNode(int Line, Node Target, Node Index) : Node(Line)
{
    public override IEnumerable<Node> Children => [Target, Index];
}

/// <summary>An operator with its one, two or three operands.</summary>
internal sealed record OperatorNode(int Line, string Operator, ImmutableArray<Node> Operands) : Node(Line)
{
    public override IEnumerable<Node> Children => Operands;
}

/// <summary><c>x => …</c>, or <c>[for x in xs: …]</c> where <paramref name="Source"/> is set.</summary>
internal sealed record BindingNode(int Line, ImmutableArray<string> Names, Node? Source, Node Body) : Node(Line)
{
    public override IEnumerable<Node> Children => Source is null ? [Body] : [Source, Body];
}

/// <summary><c>if (…) { … }</c> as the body of a resource or module.</summary>
internal sealed record ConditionNode(int Line, Node Condition, Node Body) : Node(Line)
{
    public override IEnumerable<Node> Children => [Condition, Body];
}
