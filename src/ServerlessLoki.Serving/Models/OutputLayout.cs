using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Models;

/// <summary>Where the rows of a batch lie in one output.</summary>
/// <param name="Axis">Dimension along which rows follow each other; −1 = none: all of the output belongs to one row.</param>
/// <param name="Extent">Length of one row along that dimension.</param>
/// <param name="IsBound">True where rows have a size that is known before the run, the batch first: the output is written to memory taken once.</param>
internal readonly record struct OutputLayout(int Axis, int Extent, bool IsBound)
{
    /// <summary>Shape of the output for one row, as a probe saw it; empty where none ran. Another shape in a batch means that the size
    /// depends on the data.</summary>
    public ImmutableArray<long> Alone { get; init; } = [];

    /// <summary>The batch is the first dimension, or there is none.</summary>
    public static OutputLayout First(ModelTensor output, bool hasBatch) =>
        hasBatch ? new OutputLayout(0, 1, output.RowBytes is not null) : new OutputLayout(-1, 1, IsBound: false);

    /// <summary>The shape that callers see, the batch first.</summary>
    /// <param name="shape">As the model has it.</param>
    /// <param name="batch">Rows; −1 in a description.</param>
    public long[] BatchFirst(IReadOnlyList<long> shape, long batch)
    {
        var (axis, extent) = (Axis, Extent);
        return axis < 0 ? [batch, .. shape]
            : extent == 1 ? [batch, .. shape.Where((_, i) => i != axis)]
            : [batch, .. shape.Select((d, i) => i == axis ? extent : d)];
    }

    /// <summary>True if an output of this shape holds a batch of such rows.</summary>
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

    /// <summary>Copies an output whose rows do not follow each other in memory, so that they do.</summary>
    /// <param name="source">The output, row-major.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="batch">Rows.</param>
    /// <param name="target">As long as the source.</param>
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
