using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Reads the edges of a pipeline file.</summary>
internal static class EdgeReader
{
    public static List<EdgeDraft> Read(JsonValue value, List<TaskDraft> tasks, string[]? knownTransforms)
    {
        var edges = new List<EdgeDraft>();
        foreach (var item in value.Items("an array of edges"))
        {
            if (!item.IsObjectWith("from", "to", "labels", "transforms"))
                continue;
            var from = item.TryRequired("from", "a task's name", out var fromValue) ? TaskIndex(fromValue, tasks) : -1;
            var to = item.TryRequired("to", "a task's name", out var toValue) ? TaskIndex(toValue, tasks) : -1;
            var labels = item.TryOptional("labels", out var labelsValue) ? Labels(labelsValue, from < 0 ? null : tasks[from]) : [];
            var transforms = item.TryOptional("transforms", out var transformsValue) ? Transforms(transformsValue, knownTransforms) : [];
            edges.Add(new EdgeDraft(item, from, to, labels, transforms));
        }

        return edges;
    }

    private static int TaskIndex(JsonValue value, List<TaskDraft> tasks)
    {
        if (value.Text("a task's name") is not { } name)
            return -1;
        var index = tasks.FindIndex(t => t.Name == name);
        if (index < 0)
            value.Fault("there is no such task", $"\"{name}\"", Names.Allowed(name, tasks.Select(t => t.Name)));
        return index;
    }

    private static ImmutableArray<int> Labels(JsonValue value, TaskDraft? parent)
    {
        var labels = new List<int>();
        var items = value.Items("an array of labels of the parent task");
        if (items.Count == 0 && value.IsArray)
            value.Fault("no label would pass", "an empty array", "at least one label, or leave the key out to let all pass");
        foreach (var item in items)
        {
            if (item.Text() is not { } name || parent is null || parent.HasOpenLabels)
                continue;
            // Lists of others may have one name for several classes, for example "N/A".
            var found = Enumerable.Range(0, parent.Output.Labels.Length).Where(i => parent.Output.Labels[i] == name).ToList();
            if (found.Count == 0)
                item.Fault($"task \"{parent.Name}\" has no such label", $"\"{name}\"", Allowed(name, parent.Output));
            else if (labels.Contains(found[0]))
                item.Fault("the label stands twice", $"\"{name}\"", "each label once");
            labels.AddRange(found);
        }

        return [.. labels];
    }

    private static string Allowed(string name, TaskOutput parent) => !parent.Labels.IsEmpty || parent.IsTensors
        ? Names.Allowed(name, parent.Labels)
        : "names that its output lists as \"labels\" or in a \"labelsFile\": no model names its classes here";

    private static ImmutableArray<TransformConfig> Transforms(JsonValue value, string[]? known)
    {
        var transforms = new List<TransformConfig>();
        foreach (var item in value.Items("an array of transforms"))
        {
            if (item.IsString || !item.IsObject)
            {
                item.Fault("wrong type", null, "an object such as {\"name\": \"top-k\", \"k\": 8}");
                continue;
            }

            var numbers = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
            var passes = item.TryOptional("name", out var named) && named.RawText == PipelineEdge.PassTensor && item.TryOptional("tensors", out var tensors) ? TensorPassReader.Read(tensors) : null;
            foreach (var (key, option) in item.Properties().Where(p => p.Key != "name" && (p.Key != "tensors" || passes is null)))
            {
                if (option.Number(double.MinValue, double.MaxValue) is { } number)
                    numbers[key] = number;
            }

            if (!item.TryRequired("name", "a transform's name", out var nameValue) || nameValue.Text() is not { } name)
                continue;
            if (known is not null && !known.Contains(name))
                nameValue.Fault("there is no such transform", $"\"{name}\"", Names.Allowed(name, known));
            transforms.Add(passes is null ? new TransformConfig(name, numbers.ToImmutable()) : new TransformConfig(name, numbers.ToImmutable()) { Tensors = passes });
        }

        return [.. transforms];
    }
}
