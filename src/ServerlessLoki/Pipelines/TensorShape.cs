using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>Tensor that a task hands on.</summary>
/// <param name="Name">Name of the tensor in the model.</param>
/// <param name="Datatype">Open Inference Protocol spelling, for example <c>FP32</c>.</param>
/// <param name="Shape">Dimensions of one row; −1 = any.</param>
public sealed record TensorShape(string Name, string Datatype, ImmutableArray<long> Shape);
