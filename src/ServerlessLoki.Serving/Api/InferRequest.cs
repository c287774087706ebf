using System.Buffers;

namespace ServerlessLoki.Serving.Api;

/// <summary>A parsed inference request; owns the memory of its tensors.</summary>
public sealed class InferRequest : IDisposable
{
    private readonly List<IMemoryOwner<byte>> _owned;

    internal InferRequest(
        string? id, InferParameters parameters, IReadOnlyList<InferTensor> inputs,
        IReadOnlyList<RequestedOutput>? outputs, bool binaryOutput, List<IMemoryOwner<byte>> owned)
    {
        Id = id;
        Parameters = parameters;
        Inputs = inputs;
        Outputs = outputs;
        BinaryOutput = binaryOutput;
        _owned = owned;
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

    /// <summary>Hands one input's memory on; the request must not be read afterwards, and its disposal gives back the rest only.</summary>
    /// <returns>An owner whose memory is exactly the input's bytes.</returns>
    internal IMemoryOwner<byte> Detach(InferTensor input)
    {
        foreach (var owner in _owned)
        {
            if (owner.Memory.Span.Overlaps(input.Bytes.Span))
            {
                _owned.Remove(owner);
                return new Slice(owner, System.Runtime.InteropServices.MemoryMarshal.AsMemory(input.Bytes));
            }
        }

        return PooledBytes.CopyOf(input.Bytes.Span);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var owner in _owned)
            owner.Dispose();
        _owned.Clear();
    }

    private sealed class Slice(IMemoryOwner<byte> owner, Memory<byte> memory) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = memory;

        public void Dispose() => owner.Dispose();
    }
}
