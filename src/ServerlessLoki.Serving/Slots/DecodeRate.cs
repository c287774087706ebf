namespace ServerlessLoki.Serving.Slots;

/// <summary>Decoding time of images of one format on this machine at present, by their pixels. Thread-safe.</summary>
/// <remarks>Time over pixels of the latest ones, both forgotten alike: a tiny picture weighs as much as it has pixels, so that what one costs
/// beside its pixels is not taken for the price of a pixel.</remarks>
internal sealed class DecodeRate
{
    /// <summary>Time per pixel before the first image was decoded, microseconds: 10 ms for a megapixel. It weighs as much as one such
    /// image.</summary>
    private const double FirstUsPerPixel = 0.01;
    private const double FirstPixels = 1_000_000;

    /// <summary>Fixed time of decoding an image of any size, microseconds.</summary>
    private const double LeastUs = 20;

    /// <summary>Pixels after which earlier measurements count for a third.</summary>
    private const double MemoryPixels = 4_000_000;

    /// <summary>Longest believed time per pixel, microseconds: no serving machine is slower, and a pause during one decode must not refuse
    /// all later images.</summary>
    private const double MostUsPerPixel = 0.2;
    private readonly Lock _gate = new();
    private double _us = FirstUsPerPixel * FirstPixels;
    private double _pixels = FirstPixels;
    private double _usPerPixel = FirstUsPerPixel;

    /// <summary>Returns the expected time, microseconds. Takes no lock.</summary>
    public double UsOf(long pixels) => LeastUs + (pixels * Volatile.Read(ref _usPerPixel));

    /// <summary>Adds the time of a decoded image.</summary>
    public void Observe(long pixels, double us)
    {
        var counted = Math.Max(1, pixels);
        var seenUs = Math.Clamp(us - LeastUs, 0, MostUsPerPixel * counted);
        var kept = Math.Exp(-counted / MemoryPixels);
        lock (_gate)
        {
            (_us, _pixels) = ((_us * kept) + seenUs, (_pixels * kept) + counted);
            Volatile.Write(ref _usPerPixel, _us / _pixels);
        }
    }
}
