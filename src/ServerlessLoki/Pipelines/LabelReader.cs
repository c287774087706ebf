using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Finds a task's class names where its output does not list them: in the label file that the output names, else in the task's
/// models.</summary>
internal static class LabelReader
{
    /// <summary>Returns the output with its labels filled in.</summary>
    /// <param name="output">Output as read from the file.</param>
    /// <param name="place">Place of the output in the file.</param>
    /// <param name="variants">Variants of the task.</param>
    /// <param name="source">Source of labels; null = labels are not looked up.</param>
    /// <param name="areOpen">True where the output has labels that only a source could give, and there is no source: edges may then name
    /// any label.</param>
    public static TaskOutput Resolve(TaskOutput output, JsonValue place, ImmutableArray<Variant> variants, ILabelSource? source, out bool areOpen)
    {
        areOpen = false;
        if ((output.IsTensors && output.Kind != TaskOutputKind.Segmentation) || place.TryOptional("labels", out _))
            return output;
        areOpen = source is null;
        if (source is null)
            return output;
        return place.TryOptional("labelsFile", out var file)
            ? output with { Labels = OfFile(file, source) }
            : output with { Labels = OfModels(place, variants, source) };
    }

    private static ImmutableArray<string> OfFile(JsonValue file, ILabelSource source)
    {
        if (file.RawText is not { Length: > 0 } path)
            return [];
        try
        {
            return source.OfFile(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            file.Fault("the labels cannot be read: " + exception.Message.TrimEnd('.'), $"\"{path}\"", "a text file with one class name a line, relative to this file's folder");
            return [];
        }
    }

    private static ImmutableArray<string> OfModels(JsonValue place, ImmutableArray<Variant> variants, ILabelSource source)
    {
        var named = variants.Where(v => v.ModelPath.Length > 0 && !v.ModelPath.Contains('\0', StringComparison.Ordinal))
            .Select(v => (v.Name, Labels: source.OfModel(v.ModelPath))).Where(v => !v.Labels.IsEmpty).ToList();
        if (named.Find(v => !v.Labels.SequenceEqual(named[0].Labels)) is { Name: { } other })
            place.Fault($"the models of {named[0].Name} and {other} name their classes differently", null, "\"labels\" or \"labelsFile\" here, in the order of all its models' classes");
        return named.Count == 0 ? [] : named[0].Labels;
    }
}
