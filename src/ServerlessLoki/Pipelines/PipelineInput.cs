using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>Tensor that a query brings.</summary>
/// <param name="Name">Tensor name in the Open Inference Protocol.</param>
/// <param name="Datatype">Datatype in the Open Inference Protocol's spelling, for example <c>UINT8</c>.</param>
/// <param name="Shape">Dimensions; −1 = any. <c>UINT8 [-1,-1,3]</c> is an RGB image, height × width × 3.</param>
public sealed record PipelineInput(string Name, string Datatype, ImmutableArray<long> Shape)
{
    /// <summary>True for an RGB image (UINT8, rank 3, three channels last), for which picture files are accepted too.</summary>
    public bool IsImage => Datatype == "UINT8" && Shape.Length == 3 && Shape[2] == 3;
}
