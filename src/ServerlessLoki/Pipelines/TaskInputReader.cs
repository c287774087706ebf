using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Reads <c>input</c> of a task or of a variant in a pipeline file.</summary>
internal static class TaskInputReader
{
    private static readonly (string Kind, string[] Keys)[] s_kinds = [("image", ImageFormReader.Keys), ("text", TextFormReader.Keys), ("audio", AudioFormReader.Keys), ("tensor", [])];

    /// <summary>Reads the keys of an input; keys that are missing keep the values of <paramref name="above"/>, so a variant's keys override
    /// its task's.</summary>
    public static TaskInput Read(JsonValue value, TaskInput above)
    {
        string[] known = [.. s_kinds.SelectMany(static k => k.Keys).Distinct(StringComparer.Ordinal)];
        string[] kinds = [.. s_kinds.Select(static k => k.Kind)];
        if (!value.IsObjectWith(["kind", "constants", .. known]))
            return above;
        var kind = value.TryRequired("kind", string.Join(", ", kinds), out var kindValue) ? kindValue.OneOf(kinds) : null;
        if (kind is null)
            return above;
        var keys = Array.Find(s_kinds, k => k.Kind == kind).Keys;
        foreach (var key in known.Except(keys, StringComparer.Ordinal))
        {
            if (value.TryOptional(key, out var stray))
                stray.Fault($"an input of kind {kind} has no such key", null, string.Join(", ", keys.Append("constants")));
        }

        var read = kind switch
        {
            "image" => new TaskInput(ImageFormReader.Read(value, above.Image ?? ImageForm.Default)),
            "text" => new TaskInput(Text: TextFormReader.Read(value, above.Text)),
            "audio" => new TaskInput(Audio: AudioFormReader.Read(value, above.Audio ?? new AudioForm())),
            _ => TaskInput.None,
        };
        return read with { Constants = value.TryOptional("constants", out var constants) ? Constants(constants, above.Constants) : above.Constants };
    }

    /// <summary>Over those above: a variant's values replace its task's one by one.</summary>
    private static ImmutableSortedDictionary<string, TensorConstant> Constants(JsonValue value, ImmutableSortedDictionary<string, TensorConstant> above)
    {
        if (!value.IsObject)
            value.Fault("wrong type", null, "an object such as {\"max_length\": 64}");
        foreach (var (name, item) in value.Properties())
        {
            IReadOnlyList<JsonValue> items = item.IsArray ? item.Items("numbers or texts") : [item];
            if (items.Count == 0)
                item.Fault("a constant has a value", "an empty array", "a number, a text, or an array of numbers or of texts");
            var areTexts = items is [{ RawText: not null }, ..];
            above = above.SetItem(name, areTexts
                ? new TensorConstant { Texts = [.. items.Select(Text)] }
                : new TensorConstant { Numbers = [.. items.Select(static v => v.Number(double.MinValue, double.MaxValue)).OfType<double>()] });
        }

        return above;
    }

    private static string Text(JsonValue value)
    {
        if (value.RawText is null)
            value.Fault("wrong type", null, "a text, as the first value");
        return value.RawText ?? "";
    }
}
