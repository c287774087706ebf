using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Reads pipeline files. A bad file is refused whole, with every fault in one go.</summary>
public static class PipelineReader
{
    /// <summary>Least and largest latency objective in milliseconds.</summary>
    internal const double MinSloMs = 1, MaxSloMs = 3_600_000;

    private static readonly string[] Datatypes =
        ["BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES"];

    /// <summary>The JSON schema of pipeline files, for editors; <c>$schema</c> completion works with a copy of it.</summary>
    public static string Schema { get; } = EmbeddedText.Read(typeof(PipelineReader), "pipeline.schema.json");

    /// <summary>Reads and validates a pipeline.</summary>
    /// <param name="json">Text of the file.</param>
    /// <param name="source">Name of the file for messages.</param>
    /// <param name="transforms">Registered transform names; null = any name is taken.</param>
    /// <param name="labels">Source of class names that the file does not list; null = they stay unknown, and edges may name any.</param>
    /// <exception cref="PipelineFormatException">The text has faults; lists all.</exception>
    public static Pipeline Read(string json, string source, IEnumerable<string>? transforms = null, ILabelSource? labels = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(source);
        var faults = new FaultList();
        var root = JsonValue.Parse(json, faults);
        var pipeline = root is { } value ? Read(value, faults, transforms, labels) : null;
        return faults.Count == 0 && pipeline is not null ? pipeline : throw new PipelineFormatException(source, faults.All);
    }

    /// <summary>Reads a pipeline inside another document; null after faults.</summary>
    internal static Pipeline? Read(JsonValue root, FaultList faults, IEnumerable<string>? transforms, ILabelSource? labels = null)
    {
        var before = faults.Count;
        if (!root.IsObjectWith("$schema", "name", "sloMs", "input", "parameters", "tasks", "edges"))
            return null;
        var name = root.TryRequired("name", "a name", out var nameValue) ? Name(nameValue) : null;
        var sloMs = root.TryRequired("sloMs", "milliseconds", out var slo) ? slo.Number(MinSloMs, MaxSloMs) : null;
        var input = root.TryRequired("input", "an object with name, datatype and shape", out var inputValue) ? ReadInput(inputValue) : null;
        var drafts = root.TryRequired("tasks", "an array of at least one task", out var tasks) ? ReadTasks(tasks, labels) : [];
        var edges = root.TryOptional("edges", out var edgesValue) ? EdgeReader.Read(edgesValue, drafts, transforms?.ToArray()) : [];
        var parameters = root.TryOptional("parameters", out var parametersValue) ? ParameterReader.Read(parametersValue) : [];
        ParameterReader.CheckUses(tasks, parametersValue, parameters);
        if (faults.Count > before)
            return null;

        var order = PipelineOrder.Of(drafts, edges, faults, out var joinsPer);
        return order is null ? null : Assemble(name!, sloMs!.Value, input!, parameters, drafts, edges, order, joinsPer);
    }

    /// <summary>Reads a name that fits into URLs, metric labels and file names.</summary>
    private static string? Name(JsonValue value)
    {
        const string Allowed = "1 to 64 letters, digits, '-', '_' or '.', beginning with a letter or digit";
        var text = value.Text(Allowed);
        if (text is null)
            return null;
        if (text.Length <= 64 && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            return text;
        value.Fault("not a name", $"\"{text}\"", Allowed);
        return null;
    }

    // A task's outputs are named TASK.label and so on: a point in the task's own name could make two of them one.
    private static string? TaskName(JsonValue value)
    {
        var name = Name(value);
        if (name is null || !name.Contains('.', StringComparison.Ordinal))
            return name;
        value.Fault("a task's name has no '.', which divides it from its outputs", $"\"{name}\"", "1 to 64 letters, digits, '-' or '_', beginning with a letter or digit");
        return null;
    }

    private static PipelineInput? ReadInput(JsonValue value)
    {
        if (!value.IsObjectWith("name", "datatype", "shape"))
            return null;
        var name = value.TryRequired("name", "the tensor's name", out var nameValue) ? nameValue.Text() : null;
        var datatype = value.TryRequired("datatype", string.Join(", ", Datatypes), out var type) ? type.OneOf(Datatypes) : null;
        var shape = new List<long>();
        if (value.TryRequired("shape", "an array of dimensions, -1 = any", out var shapeValue))
        {
            foreach (var item in shapeValue.Items("an array of dimensions, -1 = any"))
            {
                if (item.Integer(-1, int.MaxValue) is not { } dimension)
                    continue;
                if (dimension == 0)
                    item.Fault("a dimension of 0 holds nothing", "0", "-1 or at least 1");
                shape.Add(dimension);
            }
        }

        return name is null || datatype is null ? null : new PipelineInput(name, datatype, [.. shape]);
    }

    private static List<TaskDraft> ReadTasks(JsonValue value, ILabelSource? labels)
    {
        var drafts = new List<TaskDraft>();
        var items = value.Items("an array of at least one task");
        if (items.Count == 0 && value.IsArray)
            value.Fault("there is no task", "an empty array", "at least one task");
        var taskNames = new HashSet<string>(StringComparer.Ordinal);
        var variantNames = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (!item.IsObjectWith("name", "input", "output", "variants", "join", "per"))
                continue;
            var name = item.TryRequired("name", "a name", out var nameValue) ? TaskName(nameValue) : null;
            if (name is not null && !taskNames.Add(name))
                nameValue.Fault("two tasks have the same name", $"\"{name}\"", "unique names");
            var output = item.TryOptional("output", out var outputValue) ? TaskOutputReader.Read(outputValue) : TaskOutputReader.Raw;
            var input = item.TryOptional("input", out var inputValue) ? TaskInputReader.Read(inputValue, TaskInput.None) : TaskInput.None;
            var variants = item.TryRequired("variants", "an array of at least one variant", out var variantsValue)
                ? ReadVariants(variantsValue, input, variantNames) : [];
            output = LabelReader.Resolve(output, outputValue, variants, labels, out var areOpen);

            // A task with a bad name keeps it, so that edges which name it are not faults as well.
            drafts.Add(new TaskDraft(item, name ?? nameValue.RawText ?? "", output, areOpen, variants, ReadJoin(item)));
        }

        return drafts;
    }

    private static JoinDraft? ReadJoin(JsonValue item)
    {
        var rule = item.TryOptional("join", out var joinValue) ? joinValue.OneOf("each", "all") : "each";
        var per = item.TryOptional("per", out var perValue) ? perValue.Text("a task's name") : null;
        if (per is not null && rule == "each")
            perValue.Fault("only a task that joins all branches does so per task", $"\"{per}\"", "\"join\": \"all\" beside it");
        return rule == "all" ? new JoinDraft(per is null ? joinValue : perValue, per) : null;
    }

    private static ImmutableArray<Variant> ReadVariants(JsonValue value, TaskInput taskInput, HashSet<string> names)
    {
        var items = value.Items("an array of at least one variant");
        if (items.Count == 0 && value.IsArray)
            value.Fault("the task has no variant", "an empty array", "at least one variant");
        var variants = new List<Variant>();
        foreach (var item in items)
        {
            if (!item.IsObjectWith("name", "model", "accuracy", "measured", "memoryMiB", "input"))
                continue;
            var name = item.TryRequired("name", "a name", out var nameValue) ? Name(nameValue) : null;
            if (name is not null && !names.Add(name))
                nameValue.Fault("two variants have the same name", $"\"{name}\"", "names that are unique in the pipeline");
            var model = item.TryRequired("model", "path of an ONNX file", out var modelValue) ? modelValue.Text() : null;
            if (model?.Contains('\0', StringComparison.Ordinal) == true)
                modelValue.Fault("the path holds a NUL character, which no file's name can", $"\"{model.Replace("\0", "\\u0000", StringComparison.Ordinal)}\"", "path of an ONNX file");
            var accuracy = item.TryRequired("accuracy", "a number from 0 to 1", out var accuracyValue) ? accuracyValue.Number(0, 1) : null;
            var measured = item.TryOptional("measured", out var measuredValue) ? measuredValue.Text() : null;
            var memory = item.TryOptional("memoryMiB", out var memoryValue) ? memoryValue.Number(0, 1e9) : null;
            var input = item.TryOptional("input", out var inputValue) ? TaskInputReader.Read(inputValue, taskInput) : taskInput;
            variants.Add(new Variant(variants.Count, name ?? "", model ?? "", accuracy ?? 0, measured) { Input = input, MemoryMiB = memory });
        }

        return [.. variants];
    }

    private static Pipeline Assemble(
        string name, double sloMs, PipelineInput input, ImmutableArray<PipelineParameter> parameters, List<TaskDraft> drafts, List<EdgeDraft> edgeDrafts, int[] order, Dictionary<int, int> joinsPer)
    {
        var position = new int[order.Length];
        for (var i = 0; i < order.Length; i++)
            position[order[i]] = i;
        var tasks = order.Select((draft, i) => new PipelineTask(i, drafts[draft].Name, drafts[draft].Output, drafts[draft].Variants)).ToImmutableArray();
        var edges = edgeDrafts.Select((e, i) => new PipelineEdge(i, position[e.From], position[e.To], e.Labels, e.Transforms)).ToImmutableArray();
        foreach (var task in tasks)
        {
            task.JoinsPer = joinsPer.TryGetValue(order[task.Index], out var per) ? position[per] : null;
            task.Incoming = [.. edges.Where(e => e.To == task.Index)];
            task.Outgoing = [.. edges.Where(e => e.From == task.Index)];
        }

        return new Pipeline(name, (long)Math.Round(sloMs * 1000), input, tasks, edges) { Parameters = parameters };
    }
}
