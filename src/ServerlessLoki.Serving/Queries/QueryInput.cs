using System.Buffers;

namespace ServerlessLoki.Serving.Queries;

/// <summary>Input of a query: an image, or tensors.</summary>
public abstract class QueryInput : IDisposable
{
    /// <summary>Share of the budget that the memory is charged to; freed with it. Null = none.</summary>
    internal IDisposable? Charge { get; set; }

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(true);
        Charge?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Returns pooled memory.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>Tensor in the byte layout of the Open Inference Protocol, or several with their names and shapes; owned by the query.</summary>
/// <param name="memory">Memory of at least <paramref name="length"/> bytes, little-endian, row-major.</param>
/// <param name="length">Bytes of the tensor.</param>
/// <param name="isPacked">True for bytes of a <see cref="TensorPack"/>.</param>
public sealed class TensorInput(IMemoryOwner<byte> memory, int length, bool isPacked = false) : QueryInput
{
    /// <summary>Datatype of a single tensor.</summary>
    public string Datatype { get; init; } = "FP32";

    /// <summary>True for tensors with their names and shapes, see <see cref="TensorPack"/>.</summary>
    public bool IsPacked => isPacked;

    /// <summary>Bytes of the tensor or tensors.</summary>
    public ReadOnlyMemory<byte> Bytes => memory.Memory[..length];

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        memory.Dispose();
        base.Dispose(disposing);
    }
}
