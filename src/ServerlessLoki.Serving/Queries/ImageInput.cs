using System.Buffers;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Serving.Queries;

/// <summary>Image input: pixels, or an image file that is decoded where it is used. Thread-safe.</summary>
public sealed class ImageInput : QueryInput
{
    private readonly Lock _gate = new();
    private readonly ImageLimits _limits;
    private readonly int _fileBytes;
    private readonly bool _decodesAgain;
    private IMemoryOwner<byte>? _file;
    private volatile RgbImage? _image;
    private bool _isKept = true;
    private int _readers;
    private bool _disposed;

    /// <summary>Makes an input of an image that is decoded already.</summary>
    /// <param name="image">Image; owned by the input.</param>
    public ImageInput(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        (_image, Width, Height, PixelBytes) = (image, image.Width, image.Height, 3L * image.Width * image.Height);
    }

    /// <summary>Makes an input of an image file. Only its header is read now.</summary>
    /// <param name="file">Bytes of the file; owned by the input, unless the call throws.</param>
    /// <param name="length">Bytes of the file.</param>
    /// <param name="limits">Largest image allowed.</param>
    /// <exception cref="ImageFormatException">The header is missing or malformed, or the image exceeds the limits.</exception>
    public ImageInput(IMemoryOwner<byte> file, int length, ImageLimits limits)
        : this(file, length, limits, decodesAgain: false)
    {
    }

    /// <summary>Makes an input of an image file that may be decoded repeatedly. If so, the file is kept, and the pixels are freed after
    /// each use while <see cref="IsKept"/> is false. Otherwise the file is freed once it is decoded, and the pixels are kept.</summary>
    internal ImageInput(IMemoryOwner<byte> file, int length, ImageLimits limits, bool decodesAgain)
    {
        ArgumentNullException.ThrowIfNull(file);
        (_file, _fileBytes, _limits, _decodesAgain, _isKept) = (file, length, limits, decodesAgain, !decodesAgain);
        var header = PictureCodec.Header(file.Memory.Span[..length], limits);
        (Format, Width, Height, PixelBytes) = (header.Format, header.Width, header.Height, header.DecodeBytes);
    }

    /// <summary>Pixels per row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Format of the file; null for an image that came as pixels.</summary>
    public PictureFormat? Format { get; }

    /// <summary>Most bytes of the pixels, during decoding and afterwards.</summary>
    public long PixelBytes { get; }

    /// <summary>True once the image is decoded.</summary>
    public bool IsDecoded => _image is not null;

    /// <summary>Bytes of the file; empty when the input has none, or no longer. Valid while the input is.</summary>
    public ReadOnlyMemory<byte> Encoded
    {
        get
        {
            lock (_gate)
                return _file?.Memory[.._fileBytes] ?? default;
        }
    }

    /// <summary>Pixels, valid as long as the input; decodes the file if needed.</summary>
    /// <exception cref="ImageFormatException">The file is malformed.</exception>
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

    /// <summary>True if pixels stay once they are decoded; setting false frees them where they are not in use.</summary>
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

    /// <summary>Opens the pixels until the lease is disposed; decodes the file if needed.</summary>
    /// <exception cref="ImageFormatException">The file is malformed.</exception>
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
            _file?.Dispose();
            _file = null;
            FreeUnused();
        }

        base.Dispose(disposing);
    }

    private RgbImage Decoded()
    {
        if (_image is not null)
            return _image;
        ObjectDisposedException.ThrowIf(_disposed, this);
        _image = PictureCodec.Decode(_file!.Memory.Span[.._fileBytes], _limits);
        if (_decodesAgain)
            return _image;
        _file.Dispose();
        _file = null;
        return _image;
    }

    private void FreeUnused()
    {
        if (_isKept || _readers > 0 || !(_disposed || _decodesAgain))
            return;
        _image?.Dispose();
        _image = null;
    }

    /// <summary>Lease of the pixels.</summary>
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
