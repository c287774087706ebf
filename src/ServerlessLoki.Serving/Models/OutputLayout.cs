using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Models;

/// <summary>Places of a batch's rows in one output.</summary>
/// <param name="Axis">Dimension along which rows follow each other; −1 = none: the whole output belongs to one row.</param>
/// <param name="Extent">Length of one row along that dimension.</param>
/// <param name="IsBound">True where rows have a size that is known before the run, the batch first: the output is written to preallocated
/// memory.</param>
internal readonly record struct OutputLayout(int Axis, int Extent, bool IsBound)
{
    /// <summary>Shape of the output for one row, as a probe saw it; empty where no probe ran. Another shape in a batch means that the size
    /// depends on the data.</summary>
    public ImmutableArray<long> Alone { get; init; } = [];

    /// <summary>Makes a layout with the batch as first dimension, or without a batch.</summary>
    public static OutputLayout First(ModelTensor output, bool hasBatch) =>
        hasBatch ? new OutputLayout(0, 1, output.RowBytes is not null) : new OutputLayout(-1, 1, IsBound: false);

    /// <summary>Returns the shape that callers see, the batch first.</summary>
    /// <param name="shape">Shape as the model has it.</param>
    /// <param name="batch">Number of rows; −1 in a description.</param>
    public long[] BatchFirst(IReadOnlyList<long> shape, long batch)
    {
        var (axis, extent) = (Axis, Extent);
        return axis < 0 ? [batch, .. shape]
            : extent == 1 ? [batch, .. shape.Where((_, i) => i != axis)]
            : [batch, .. shape.Select((d, i) => i == axis ? extent : d)];
    }

    /// <summary>Tests whether an output of this shape holds a batch of such rows.</summary>
    public bool Holds(IReadOnlyList<long> shape, int batch)
    {
        if (Axis < 0 || shape.Count <= Axis || (!Alone.IsEmpty && shape.Count != Alone.Length))
            return false;
        for (var i = 0; i < Alone.Length; i++)
        {
            if (shape[i] != (i == Axis ? batch * Extent : Alone[i]))
                return false;
        }

        return shape[Axis] == batch * Extent;
    }

    /// <summary>Copies an output whose rows are not contiguous, so that they become contiguous.</summary>
    /// <param name="source">Output, row-major.</param>
    /// <param name="shape">Shape of the output.</param>
    /// <param name="batch">Number of rows.</param>
    /// <param name="target">Memory as long as the source.</param>
    public void Gather(ReadOnlySpan<byte> source, IReadOnlyList<long> shape, int batch, Span<byte> target)
    {
        var outer = 1;
        for (var i = 0; i < Axis; i++)
            outer *= (int)shape[i];
        var block = outer == 0 ? 0 : source.Length / (outer * batch);
        for (var row = 0; row < batch; row++)
        {
            for (var o = 0; o < outer; o++)
                source.Slice(((o * batch) + row) * block, block).CopyTo(target[(((row * outer) + o) * block)..]);
        }
    }
}
