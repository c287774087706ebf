using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>One tensor that an edge hands on: an output of the parent, and what becomes of it, in this order: slice, transpose, reshape, cast.</summary>
/// <param name="Output">Name of the parent's output; null = the output of the child's input's name, or the only one.</param>
public sealed record TensorPass(string? Output = null)
{
    /// <summary>Start and end of each dimension of a row, the end left out; negative counts from the end, <see cref="int.MaxValue"/> = to the
    /// end. Dimensions that are not listed are whole. Empty = all of the tensor.</summary>
    public ImmutableArray<(int Start, int End)> Slice { get; init; } = [];

    /// <summary>For each new dimension the old one. Empty = as they are.</summary>
    public ImmutableArray<int> Transpose { get; init; } = [];

    /// <summary>New dimensions of a row; one may be −1, which the others leave. Null = as they are.</summary>
    public ImmutableArray<long>? Reshape { get; init; }

    /// <summary>True where values are converted to the datatype of the child's input; false where the datatypes must agree.</summary>
    public bool Cast { get; init; }
}
