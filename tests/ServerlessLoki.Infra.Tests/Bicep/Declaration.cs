using System.Collections.Immutable;

namespace ServerlessLoki.Infra.Tests.Bicep;

internal enum DeclarationKind
{
    TargetScope,
    Import,
    Parameter,
    Variable,
    Type,
    Resource,
    Module,
    Output,
}

/// <summary>A statement of a Bicep file.</summary>
/// <param name="Kind">What it declares.</param>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Name">Its symbol; of an import, all of them, separated by spaces.</param>
/// <param name="Type">Type of a parameter or output; <c>type@version</c> of a resource; path of a module or import.</param>
/// <param name="Value">Default, value or body.</param>
/// <param name="Decorators">What stands before it.</param>
internal sealed record Declaration(DeclarationKind Kind, int Line, string Name, string Type, Node? Value, ImmutableArray<CallNode> Decorators)
{
    /// <summary>A resource that is only looked up.</summary>
    public bool Existing { get; init; }

    /// <summary>The object below loops and conditions; null where the value is none.</summary>
    public ObjectNode? Body
    {
        get
        {
            var node = Value;
            while (node is not null and not ObjectNode)
            {
                node = node switch
                {
                    ConditionNode condition => condition.Body,
                    BindingNode binding => binding.Body,
                    _ => null,
                };
            }

            return (ObjectNode?)node;
        }
    }

    /// <summary>This and what is nested in it.</summary>
    public IEnumerable<Declaration> WithNested() =>
        (Body is { } body && Kind == DeclarationKind.Resource ? body.Nested : []).SelectMany(n => n.WithNested()).Prepend(this);
}
