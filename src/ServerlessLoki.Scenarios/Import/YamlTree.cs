using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>A YAML file as a tree of texts, lists and mappings. Of two equal keys the later one counts: research settings have such.</summary>
internal static class YamlTree
{
    /// <summary>The mapping at the top; null when the file holds something else.</summary>
    /// <exception cref="YamlException">The text is no YAML.</exception>
    public static Dictionary<string, object>? Mapping(string text)
    {
        var parser = new Parser(new StringReader(text));
        parser.Consume<StreamStart>();
        return parser.TryConsume<DocumentStart>(out _) ? Node(parser) as Dictionary<string, object> : null;
    }

    private static object Node(IParser parser)
    {
        if (parser.TryConsume<Scalar>(out var scalar))
            return scalar.Value;
        if (parser.TryConsume<SequenceStart>(out _))
        {
            var items = new List<object>();
            while (!parser.TryConsume<SequenceEnd>(out _))
                items.Add(Node(parser));
            return items;
        }

        var start = parser.Consume<NodeEvent>();
        if (start is not MappingStart)
            throw new YamlException(start.Start, start.End, "anchors are not read here");
        var mapping = new Dictionary<string, object>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = parser.Consume<Scalar>().Value;
            mapping[key] = Node(parser);
        }

        return mapping;
    }
}
