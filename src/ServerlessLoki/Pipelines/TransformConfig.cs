using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>One stage transform of an edge, by registered name.</summary>
/// <param name="Name">Registered name, for example <c>crop-resize</c>.</param>
/// <param name="Numbers">Numeric options of the transform by name, for example <c>k</c> or <c>margin</c>.</param>
public sealed record TransformConfig(string Name, ImmutableSortedDictionary<string, double> Numbers)
{
    /// <summary>Tensors that <see cref="PipelineEdge.PassTensor"/> hands on, by the child's input.</summary>
    public ImmutableSortedDictionary<string, TensorPass> Tensors { get; init; } = ImmutableSortedDictionary<string, TensorPass>.Empty;

    /// <summary>Returns a numeric option, or <paramref name="fallback"/> when the file does not set it.</summary>
    public double Number(string option, double fallback) => Numbers.TryGetValue(option, out var value) ? value : fallback;
}
