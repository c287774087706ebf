using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Reads <c>input</c> of a task or of a variant in a pipeline file.</summary>
internal static class TaskInputReader
{
    /// <summary>What the file says, over what is said above it: a variant's keys replace its task's.</summary>
    public static TaskInput Read(JsonValue value, TaskInput above)
    {
        if (!value.IsObjectWith(["kind", .. ImageFormReader.Keys, .. TextFormReader.Keys]))
            return above;
        var kind = value.TryRequired("kind", "image, text", out var kindValue) ? kindValue.OneOf("image", "text") : null;
        if (kind is null)
            return above;
        foreach (var key in kind == "image" ? TextFormReader.Keys : ImageFormReader.Keys)
        {
            if (value.TryOptional(key, out var stray))
                stray.Fault($"an input of kind {kind} has no such key", null, string.Join(", ", kind == "image" ? ImageFormReader.Keys : TextFormReader.Keys));
        }

        return kind == "image" ? new TaskInput(ImageFormReader.Read(value, above.Image ?? ImageForm.Default)) : new TaskInput(Text: TextFormReader.Read(value, above.Text));
    }
}
