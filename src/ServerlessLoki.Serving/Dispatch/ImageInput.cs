using System.Buffers;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>An image: as pixels, or as the PNG that came, which is decoded where it is used. Thread-safe.</summary>
public sealed class ImageInput : QueryInput
{
    private readonly Lock _gate = new();
    private readonly ImageLimits _limits;
    private readonly int _pngBytes;
    private readonly bool _decodesAgain;
    private IMemoryOwner<byte>? _png;
    private RgbImage? _image;
    private bool _isKept = true;
    private int _readers;
    private bool _disposed;

    /// <summary>An image that is decoded already.</summary>
    /// <param name="image">Owned by the input.</param>
    public ImageInput(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        (_image, Width, Height) = (image, image.Width, image.Height);
    }

    /// <summary>A PNG. Of it only the header is read now.</summary>
    /// <param name="png">Owned by the input, unless the call throws.</param>
    /// <param name="length">Bytes of the file.</param>
    /// <param name="limits">Largest image allowed.</param>
    /// <exception cref="ImageFormatException">The header is missing or malformed, or the image exceeds the limits.</exception>
    public ImageInput(IMemoryOwner<byte> png, int length, ImageLimits limits)
        : this(png, length, limits, decodesAgain: false)
    {
    }

    /// <summary>The same, and whether it is decoded again. If so, the PNG is kept, and the pixels are freed after each use while
    /// <see cref="IsKept"/> is false. Else the PNG makes room for the pixels, which are kept.</summary>
    internal ImageInput(IMemoryOwner<byte> png, int length, ImageLimits limits, bool decodesAgain)
    {
        ArgumentNullException.ThrowIfNull(png);
        (_png, _pngBytes, _limits, _decodesAgain, _isKept) = (png, length, limits, decodesAgain, !decodesAgain);
        (Width, Height) = PngCodec.Size(png.Memory.Span[..length], limits);
    }

    /// <summary>Pixels per row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Bytes that the pixels take, decoded or not.</summary>
    public long PixelBytes => 3L * Width * Height;

    /// <summary>True once the pixels are there.</summary>
    public bool IsDecoded
    {
        get
        {
            lock (_gate)
                return _image is not null;
        }
    }

    /// <summary>The PNG as it came; empty when the input has none, or no longer. Valid while the input is.</summary>
    public ReadOnlyMemory<byte> Png
    {
        get
        {
            lock (_gate)
                return _png?.Memory[.._pngBytes] ?? default;
        }
    }

    /// <summary>The pixels, for as long as the input lives; decodes them where that was not done.</summary>
    /// <exception cref="ImageFormatException">The PNG is malformed.</exception>
    public RgbImage Image
    {
        get
        {
            lock (_gate)
            {
                _isKept = true;
                return Decoded();
            }
        }
    }

    /// <summary>Whether pixels stay once they are decoded; freed now where they are not in use.</summary>
    internal bool IsKept
    {
        set
        {
            lock (_gate)
            {
                _isKept = value;
                FreeUnused();
            }
        }
    }

    /// <summary>The pixels, until the lease is disposed; decodes them where they are not there.</summary>
    /// <exception cref="ImageFormatException">The PNG is malformed.</exception>
    internal Lease Open()
    {
        lock (_gate)
        {
            var image = Decoded();
            _readers++;
            return new Lease(this, image);
        }
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        lock (_gate)
        {
            (_disposed, _isKept) = (true, false);
            _png?.Dispose();
            _png = null;
            FreeUnused();
        }

        base.Dispose(disposing);
    }

    private RgbImage Decoded()
    {
        if (_image is not null)
            return _image;
        ObjectDisposedException.ThrowIf(_disposed, this);
        _image = PngCodec.Decode(_png!.Memory[.._pngBytes], _limits);
        if (_decodesAgain)
            return _image;
        _png.Dispose();
        _png = null;
        return _image;
    }

    private void FreeUnused()
    {
        if (_isKept || _readers > 0 || !(_disposed || _decodesAgain))
            return;
        _image?.Dispose();
        _image = null;
    }

    /// <summary>Holds the pixels.</summary>
    internal readonly struct Lease(ImageInput input, RgbImage image) : IDisposable
    {
        public RgbImage Image => image;

        public void Dispose()
        {
            lock (input._gate)
            {
                input._readers--;
                input.FreeUnused();
            }
        }
    }
}
