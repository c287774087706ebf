using System.Collections.Immutable;
using System.Text.Json;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Special tokens that the <c>post_processor</c> of a <c>tokenizer.json</c> puts around texts.</summary>
internal static class SpecialTokens
{
    /// <summary>Reads them: before the text, between two, behind. All empty where there are none.</summary>
    public static (ImmutableArray<string> First, ImmutableArray<string> Between, ImmutableArray<string> Last) Of(JsonElement root)
    {
        if (!root.TryGetProperty("post_processor", out var processor) || processor.ValueKind != JsonValueKind.Object)
            return ([], [], []);
        var steps = TokenizerJson.Text(processor, "type") == "Sequence" && processor.TryGetProperty("processors", out var several) ? [.. several.EnumerateArray()] : new List<JsonElement> { processor };
        foreach (var step in steps)
        {
            switch (TokenizerJson.Text(step, "type"))
            {
                case "TemplateProcessing": return Template(step);
                case "BertProcessing": return Around(step, twice: false);
                case "RobertaProcessing": return Around(step, twice: true);
            }
        }

        return ([], [], []);
    }

    private static (ImmutableArray<string> First, ImmutableArray<string> Between, ImmutableArray<string> Last) Around(JsonElement step, bool twice)
    {
        var (cls, sep) = (step.GetProperty("cls")[0].GetString()!, step.GetProperty("sep")[0].GetString()!);
        return ([cls], twice ? [sep, sep] : [sep], [sep]);
    }

    /// <summary>The pair says all three; a template without one has nothing between.</summary>
    private static (ImmutableArray<string> First, ImmutableArray<string> Between, ImmutableArray<string> Last) Template(JsonElement step)
    {
        var parts = new List<string>[] { [], [], [] };
        var texts = 0;
        var name = step.TryGetProperty("pair", out var pair) && pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() > 0 ? "pair" : "single";
        foreach (var item in step.GetProperty(name).EnumerateArray())
        {
            if (item.TryGetProperty("Sequence", out _))
                texts = Math.Min(texts + (name == "pair" ? 1 : 2), 2);
            else if (item.TryGetProperty("SpecialToken", out var token) && TokenizerJson.Text(token, "id") is { } id)
                parts[texts].Add(id);
        }

        return ([.. parts[0]], [.. parts[1]], [.. parts[2]]);
    }
}
