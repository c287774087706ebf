using System.Text.Json.Nodes;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Where the names of a model's classes are.</summary>
internal static class Labels
{
    private static readonly string[] s_files = ["labels.txt", "classes.txt", "class_names.txt", "synset.txt"];

    /// <summary>Says them in a task's output.</summary>
    /// <param name="output">The task's <c>output</c>.</param>
    /// <param name="facts">The model.</param>
    /// <param name="classes">How many there are; null where the shape does not say it.</param>
    /// <returns>What nobody says; null where the names are known.</returns>
    public static Limit? Add(JsonObject output, ModelFacts facts, int? classes)
    {
        // The reader of pipeline files takes these by itself.
        if (facts.Metadata.ContainsKey("names") || facts.Metadata.ContainsKey("labels"))
            return null;
        if (facts.Config.Texts("id2label") is { Length: > 0 } names && (classes is null || classes == names.Length))
        {
            output["labels"] = new JsonArray([.. Unique(names).Select(static n => (JsonNode)n)]);
            return null;
        }

        if (facts.Beside.Find(s_files) is { } file && FilesBeside.Lines(file) is { } lines && (classes is null || classes == lines.Length))
        {
            output["labelsFile"] = file;
            return null;
        }

        return new Limit("classes have no names and go by their numbers", "\"labels\" or \"labelsFile\" in the task's output, in the order of the model's classes");
    }

    /// <summary>A pipeline's labels are unique; COCO's list has several "N/A".</summary>
    private static IEnumerable<string> Unique(string[] names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return names.Select((name, number) => name.Length > 0 && seen.Add(name) ? name : $"{name} ({number})");
    }
}
