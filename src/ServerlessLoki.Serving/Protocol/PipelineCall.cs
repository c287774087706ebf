using System.Collections.Immutable;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Input of a pipeline with the caller's settings for the answer.</summary>
public sealed record PipelineCall
{
    /// <summary>Input of the query. This record does not own it: hand it to the engine or dispose it.</summary>
    public required QueryInput Input { get; init; }

    /// <summary>Inputs of the request's further rows, owned like <see cref="Input"/>; see <see cref="QueryRequest.Others"/>.</summary>
    public ImmutableArray<QueryInput> Others { get; init; } = [];

    /// <summary>Values of the pipeline's parameters, see <see cref="QueryRequest.Arguments"/>.</summary>
    public ImmutableArray<TensorPart> Arguments { get; init; } = [];

    /// <summary>Bytes that the input holds.</summary>
    internal long Held { get; init; }

    /// <summary>Most bytes that parsing took, or that the image's pixels will take, the body included.</summary>
    internal long Most { get; init; }

    /// <summary>Id of the caller; null = none.</summary>
    public string? Id { get; init; }

    /// <summary>Bounds of the caller.</summary>
    public InferParameters Parameters { get; init; } = new();

    /// <summary>Requested outputs; null = all.</summary>
    public IReadOnlyList<RequestedOutput>? Outputs { get; init; }

    /// <summary>True where the probabilities of all classes are wanted.</summary>
    public bool WantsProbabilities { get; init; }

    /// <summary>True when outputs that do not say otherwise are wanted as binary data.</summary>
    public bool BinaryOutput { get; init; }

    /// <summary>Frees the inputs of all rows.</summary>
    internal void DisposeInputs()
    {
        Input.Dispose();
        foreach (var other in Others)
            other.Dispose();
    }

    /// <summary>Charges the inputs' memory to a share, which is freed with the last of them.</summary>
    internal void ChargeTo(IDisposable share)
    {
        if (Others.IsEmpty)
        {
            Input.Charge = share;
            return;
        }

        var charge = new SharedCharge(share, 1 + Others.Length);
        Input.Charge = charge.Part();
        foreach (var other in Others)
            other.Charge = charge.Part();
    }
}
