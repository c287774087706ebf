using System.Collections.Immutable;

namespace ServerlessLoki.Infra.Tests.Bicep;

/// <summary>One file of infra/, read.</summary>
/// <param name="Path">Relative to infra/, with forward slashes.</param>
/// <param name="Declarations">Its statements in order.</param>
internal sealed record BicepFile(string Path, ImmutableArray<Declaration> Declarations)
{
    public IEnumerable<Declaration> Of(DeclarationKind kind) => Declarations.Where(d => d.Kind == kind);

    /// <summary>Resources, nested ones with their full type, <c>type@version</c>.</summary>
    public IEnumerable<(Declaration Resource, string FullType)> Resources() =>
        Of(DeclarationKind.Resource).SelectMany(r => WithFullTypes(r, null));

    /// <summary>Every expression of the file.</summary>
    public IEnumerable<Node> Nodes() =>
        Declarations.SelectMany(d => d.Decorators.Append(d.Value).OfType<Node>()).SelectMany(n => n.All());

    /// <exception cref="FormatException">It is not the Bicep that the reader knows.</exception>
    public static BicepFile Read(string path, string source)
    {
        try
        {
            return new(path, new Parser(new Lexer(source).Read()).ReadFile());
        }
        catch (FormatException fault)
        {
            throw new FormatException($"{path}: {fault.Message}", fault);
        }
    }

    private static IEnumerable<(Declaration Resource, string FullType)> WithFullTypes(Declaration resource, string? parent)
    {
        var type = resource.Type;
        if (parent is not null)
        {
            var at = parent.IndexOf('@', StringComparison.Ordinal);
            type = $"{parent[..at]}/{resource.Type}{parent[at..]}";
        }

        var below = resource.Body is { } body ? body.Nested : [];
        return below.SelectMany(n => WithFullTypes(n, type)).Prepend((resource, type));
    }
}
