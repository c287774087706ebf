using ServerlessLoki.Serving.Memory;

namespace ServerlessLoki.Serving.Imaging;

/// <summary>RGB image: 8 bits per channel, rows from the top, channels interleaved (height × width × 3).</summary>
/// <remarks>A rented image belongs to its holder; <see cref="Dispose"/> gives its memory back to the pool, after
/// which the pixels must not be touched.</remarks>
public sealed class RgbImage : IDisposable
{
    private readonly bool _pooled;
    private byte[]? _pixels;

    private RgbImage(int width, int height, byte[] pixels, bool pooled)
    {
        (Width, Height, _pixels, _pooled) = (width, height, pixels, pooled);
    }

    /// <summary>Pixels per row; at least 1.</summary>
    public int Width { get; }

    /// <summary>Rows; at least 1.</summary>
    public int Height { get; }

    /// <summary>Bytes of all pixels, Height × Width × 3.</summary>
    /// <exception cref="ObjectDisposedException">The image was returned to the pool.</exception>
    public Span<byte> Pixels => Memory.Span;

    /// <summary>Bytes of all pixels, as memory.</summary>
    /// <exception cref="ObjectDisposedException">The image was returned to the pool.</exception>
    public Memory<byte> Memory =>
        (_pixels ?? throw new ObjectDisposedException(nameof(RgbImage))).AsMemory(0, Width * Height * 3);

    /// <summary>Makes an image with pooled memory and undefined content.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1, or the bytes exceed what an array holds.</exception>
    public static RgbImage Rent(int width, int height) =>
        new(width, height, BlockPool.Rent(ByteCount(width, height)), pooled: true);

    /// <summary>Makes an image over a pooled block, which it returns on disposal; the pixels lie at the start.</summary>
    internal static RgbImage InBlock(int width, int height, byte[] block) => new(width, height, block, pooled: true);

    /// <summary>Makes an image over the caller's array, which is not copied.</summary>
    /// <param name="width">Pixels per row; at least 1.</param>
    /// <param name="height">Rows; at least 1.</param>
    /// <param name="pixels">At least width × height × 3 bytes.</param>
    /// <exception cref="ArgumentException">The array is too small.</exception>
    public static RgbImage Over(int width, int height, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        var needed = ByteCount(width, height);
        return pixels.Length >= needed
            ? new RgbImage(width, height, pixels, pooled: false)
            : throw new ArgumentException($"{pixels.Length} bytes; {width} × {height} × 3 = {needed} are needed.", nameof(pixels));
    }

    /// <summary>Gives pooled memory back; further calls do nothing.</summary>
    public void Dispose()
    {
        var pixels = Interlocked.Exchange(ref _pixels, null);
        if (_pooled && pixels is not null) BlockPool.Return(pixels);
    }

    private static int ByteCount(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * height, Array.MaxLength / 3, nameof(height));
        return width * height * 3;
    }
}
