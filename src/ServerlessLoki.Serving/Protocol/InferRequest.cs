namespace ServerlessLoki.Serving.Protocol;

/// <summary>Parsed inference request; owns the memory of its tensors.</summary>
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

    /// <summary>Id of the caller, which is returned in the answer; null = none.</summary>
    public string? Id { get; }

    /// <summary>Bounds of the caller.</summary>
    public InferParameters Parameters { get; }

    /// <summary>Inputs in the order of the request.</summary>
    public IReadOnlyList<InferTensor> Inputs { get; }

    /// <summary>Requested outputs, in this order; null = all.</summary>
    public IReadOnlyList<RequestedOutput>? Outputs { get; }

    /// <summary>True when outputs without a setting of their own are returned as binary data.</summary>
    public bool BinaryOutput { get; }

    /// <summary>True where a pipeline's answer shall carry the probabilities of all classes.</summary>
    internal bool WantsProbabilities { get; init; }

    /// <summary>What its tensors lie in; handed on in part, the request must not be read any more.</summary>
    internal RequestMemory Memory { get; }

    /// <summary>Share of the budget that the memory is charged to; freed with the memory. Null = none.</summary>
    internal IDisposable? Charge { get; set; }

    /// <inheritdoc />
    public void Dispose()
    {
        Memory.Dispose();
        Charge?.Dispose();
    }
}
