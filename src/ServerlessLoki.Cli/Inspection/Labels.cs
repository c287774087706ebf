using System.Text.Json.Nodes;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Source of the names of a model's classes.</summary>
internal static class Labels
{
    private static readonly string[] s_files = ["labels.txt", "classes.txt", "class_names.txt", "synset.txt"];

    /// <summary>Adds the names to a task's output.</summary>
    /// <param name="output">Task's <c>output</c>.</param>
    /// <param name="facts">Facts of the model.</param>
    /// <param name="classes">Number of classes; null where the shape does not give it.</param>
    /// <returns>Limit where the names are unknown; null where they are known.</returns>
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

    /// <summary>Makes names unique, as a pipeline's labels must be; COCO's list has several "N/A".</summary>
    private static IEnumerable<string> Unique(string[] names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return names.Select((name, number) => name.Length > 0 && seen.Add(name) ? name : $"{name} ({number})");
    }
}
