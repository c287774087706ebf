using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Memory that variants take in a slot, where the pipeline file does not say it: the size of the model's files. That is the least; buffers come on
/// top.</summary>
internal static class ModelSizes
{
    private const double MiB = 1 << 20;

    /// <summary>Returns the memory by variant name, MiB.</summary>
    public static ImmutableDictionary<string, double> Of(ImmutableArray<Pipeline> pipelines, IStageModelFactory factory) => (
        from p in Enumerable.Range(0, pipelines.Length)
        from task in pipelines[p].Tasks
        from variant in task.Variants
        where variant.MemoryMiB is null
        select KeyValuePair.Create(variant.Name, factory.Bytes(new VariantId(p, task.Index, variant.Index)) / MiB)).ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>Bytes of an ONNX file and of the files beside it that hold its weights: those whose names begin with its own (<c>m.onnx.data</c>,
    /// <c>m.onnx_data</c>, <c>m.onnx_data_1</c>). 0 where there is none.</summary>
    /// <param name="path">The model file.</param>
    public static long Bytes(string path)
    {
        var file = new FileInfo(path);
        return file is not { Exists: true, Directory: { } folder } ? 0
            : file.Length + folder.EnumerateFiles().Where(f => f.Name.StartsWith($"{file.Name}.data", StringComparison.Ordinal) || f.Name.StartsWith($"{file.Name}_data", StringComparison.Ordinal)).Sum(f => f.Length);
    }
}
