using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>Edge from a task's outputs to a later task's inputs.</summary>
/// <param name="Index">Position in <see cref="Pipeline.Edges"/>.</param>
/// <param name="From">Index of the parent task.</param>
/// <param name="To">Index of the child task.</param>
/// <param name="Labels">Indices into the parent's labels that pass; empty = all pass.</param>
/// <param name="Transforms">Stage transforms, applied in order; the last one fills the child's input.</param>
public sealed record PipelineEdge(
    int Index, int From, int To, ImmutableArray<int> Labels, ImmutableArray<TransformConfig> Transforms)
{
    /// <summary>Name of the transform that hands the query's own input on.</summary>
    public const string Query = "query";

    /// <summary>Name of the transform that hands a text on: what the parent read, or its label.</summary>
    public const string PassText = "pass-text";

    /// <summary>Name of the transform that hands tensors of the parent on by name.</summary>
    public const string PassTensor = "pass-tensor";

    /// <summary>True where the child's inputs are tensors of the parent by name.</summary>
    public bool PassesTensors => Has(PassTensor);

    /// <summary>True where the child gets the query's own input and not what the parent found.</summary>
    public bool TakesQuery => Has(Query);

    /// <summary>True where the file says that the child gets a text of the parent.</summary>
    public bool PassesText => Has(PassText);

    private bool Has(string transform) => Transforms.Any(t => string.Equals(t.Name, transform, StringComparison.Ordinal));
}
