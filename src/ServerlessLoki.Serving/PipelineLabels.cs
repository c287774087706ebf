using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving;

/// <summary>Class names from files in a pipeline file's folder, and from its models where those are available.</summary>
/// <param name="directory">Folder of the pipeline file.</param>
/// <param name="readsModels">False where the models are elsewhere: they then give no class names.</param>
public sealed class PipelineLabels(string directory, bool readsModels = true) : ILabelSource
{
    /// <summary>Largest label file, bytes: far above any list of classes.</summary>
    private const int MaxBytes = 4 << 20;

    /// <inheritdoc />
    public ImmutableArray<string> OfFile(string path)
    {
        var file = new FileInfo(Path.GetFullPath(path, directory));
        if (!file.Exists)
            throw new FileNotFoundException($"the file '{file.FullName}' does not exist");
        // A pipe or a device has no length either: opening it would wait for ever.
        if (file.Length is 0 or > MaxBytes)
            throw new IOException($"'{file.FullName}' has {file.Length} bytes; 1 to {MaxBytes} are read");
        var lines = File.ReadAllText(file.FullName).TrimEnd().Split('\n', StringSplitOptions.TrimEntries);
        return Array.FindIndex(lines, string.IsNullOrEmpty) is var blank and >= 0
            ? throw new IOException($"line {blank + 1} of '{file.FullName}' is empty, so that later names would be those of other classes")
            : [.. lines];
    }

    /// <inheritdoc />
    public ImmutableArray<string> OfModel(string path)
    {
        if (!readsModels)
            return [];
        try
        {
            using var model = OnnxModel.Load(path, Path.GetFullPath(path, directory), new ModelOptions { Optimize = false });
            return ClassNames.Of(model.Metadata);
        }
        catch (ModelException)
        {
            // It is opened again to be held against its task, and that says what is wrong with it.
            return [];
        }
    }
}
