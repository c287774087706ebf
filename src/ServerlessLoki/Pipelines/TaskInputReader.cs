using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Reads <c>input</c> of a task or of a variant in a pipeline file.</summary>
internal static class TaskInputReader
{
    private static readonly (string Kind, string[] Keys)[] s_kinds = [("image", ImageFormReader.Keys), ("text", TextFormReader.Keys), ("audio", AudioFormReader.Keys)];

    /// <summary>Reads the keys of an input; keys that are missing keep the values of <paramref name="above"/>, so a variant's keys override
    /// its task's.</summary>
    public static TaskInput Read(JsonValue value, TaskInput above)
    {
        string[] known = [.. s_kinds.SelectMany(static k => k.Keys).Distinct(StringComparer.Ordinal)];
        string[] kinds = [.. s_kinds.Select(static k => k.Kind)];
        if (!value.IsObjectWith(["kind", .. known]))
            return above;
        var kind = value.TryRequired("kind", string.Join(", ", kinds), out var kindValue) ? kindValue.OneOf(kinds) : null;
        if (kind is null)
            return above;
        var keys = Array.Find(s_kinds, k => k.Kind == kind).Keys;
        foreach (var key in known.Except(keys, StringComparer.Ordinal))
        {
            if (value.TryOptional(key, out var stray))
                stray.Fault($"an input of kind {kind} has no such key", null, string.Join(", ", keys));
        }

        return kind switch
        {
            "image" => new TaskInput(ImageFormReader.Read(value, above.Image ?? ImageForm.Default)),
            "text" => new TaskInput(Text: TextFormReader.Read(value, above.Text)),
            _ => new TaskInput(Audio: AudioFormReader.Read(value, above.Audio ?? new AudioForm())),
        };
    }
}
