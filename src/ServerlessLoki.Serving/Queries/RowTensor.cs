using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Queries;

/// <summary>Output tensors of a model for one row, where the task hands on tensors; immutable.</summary>
/// <param name="parts">Tensors in the model's order, at least one. Edges hand on the first.</param>
public sealed class RowTensor(ImmutableArray<TensorPart> parts)
{
    /// <summary>Tensors in the model's order; at least one.</summary>
    public ImmutableArray<TensorPart> Parts { get; } = parts;

    /// <summary>Bytes of the first tensor, which edges hand on.</summary>
    public ReadOnlySpan<byte> First => Parts[0].Bytes.Span;

    /// <summary>Bytes of all tensors.</summary>
    public long Length => Parts.Sum(static p => (long)p.Bytes.Length);

    /// <summary>Makes one FP32 tensor without a name, of one dimension.</summary>
    public static RowTensor Of(params ReadOnlySpan<float> values) =>
        new([new TensorPart("", "FP32", [values.Length], MemoryMarshal.AsBytes(values).ToArray())]);

    /// <summary>The first tensor as FP32.</summary>
    public ReadOnlySpan<float> Values => MemoryMarshal.Cast<byte, float>(First);
}
