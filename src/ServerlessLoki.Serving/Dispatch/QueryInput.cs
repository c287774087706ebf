using System.Buffers;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>What a query brings: an image, or one tensor.</summary>
public abstract class QueryInput : IDisposable
{
    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives pooled memory back.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>An RGB image; owned by the query.</summary>
/// <param name="image">Given back to its pool when the query has ended.</param>
public sealed class ImageInput(RgbImage image) : QueryInput
{
    /// <summary>The image.</summary>
    public RgbImage Image { get; } = image;

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        Image.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>A tensor in the byte layout of the Open Inference Protocol; owned by the query.</summary>
/// <param name="memory">At least <paramref name="length"/> bytes, little-endian, row-major.</param>
/// <param name="length">Bytes of the tensor.</param>
public sealed class TensorInput(IMemoryOwner<byte> memory, int length) : QueryInput
{
    /// <summary>The tensor's bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => memory.Memory[..length];

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        memory.Dispose();
        base.Dispose(disposing);
    }
}
