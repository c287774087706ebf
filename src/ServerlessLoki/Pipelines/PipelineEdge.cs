using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>Edge from a task's outputs to a later task's inputs.</summary>
/// <param name="Index">Position in <see cref="Pipeline.Edges"/>.</param>
/// <param name="From">Index of the parent task.</param>
/// <param name="To">Index of the child task.</param>
/// <param name="Labels">Indices into the parent's labels that pass; empty = all pass.</param>
/// <param name="Transforms">Stage transforms, applied in order; the last one fills the child's input.</param>
public sealed record PipelineEdge(
    int Index, int From, int To, ImmutableArray<int> Labels, ImmutableArray<TransformConfig> Transforms);
