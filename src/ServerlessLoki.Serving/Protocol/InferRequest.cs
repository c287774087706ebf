namespace ServerlessLoki.Serving.Protocol;

/// <summary>A parsed inference request; owns the memory of its tensors.</summary>
public sealed class InferRequest : IDisposable
{
    internal InferRequest(
        string? id, InferParameters parameters, IReadOnlyList<InferTensor> inputs,
        IReadOnlyList<RequestedOutput>? outputs, bool binaryOutput, RequestMemory memory)
    {
        Id = id;
        Parameters = parameters;
        Inputs = inputs;
        Outputs = outputs;
        BinaryOutput = binaryOutput;
        Memory = memory;
    }

    /// <summary>The caller's id, to be given back; null = none.</summary>
    public string? Id { get; }

    /// <summary>The caller's bounds.</summary>
    public InferParameters Parameters { get; }

    /// <summary>In the order of the request.</summary>
    public IReadOnlyList<InferTensor> Inputs { get; }

    /// <summary>Outputs wanted, in this order; null = all.</summary>
    public IReadOnlyList<RequestedOutput>? Outputs { get; }

    /// <summary>True when outputs that do not say otherwise are wanted as binary data.</summary>
    public bool BinaryOutput { get; }

    /// <summary>True where a pipeline's answer shall carry the probabilities of all classes.</summary>
    internal bool WantsProbabilities { get; init; }

    /// <summary>What its tensors lie in; handed on in part, the request must not be read any more.</summary>
    internal RequestMemory Memory { get; }

    /// <summary>What its memory is charged to; freed with it. Null = nothing.</summary>
    internal IDisposable? Charge { get; set; }

    /// <inheritdoc />
    public void Dispose()
    {
        Memory.Dispose();
        Charge?.Dispose();
    }
}
