namespace ServerlessLoki.Serving.Slots;

/// <summary>How long pictures of one format take to decode on this machine as it is now, by their pixels. Thread-safe.</summary>
/// <remarks>Time over pixels of the latest ones, both forgotten alike: a tiny picture weighs as much as it has pixels, so that what one costs
/// beside its pixels is not taken for the price of a pixel.</remarks>
internal sealed class DecodeRate
{
    /// <summary>Before the first was decoded: 10 ms for a megapixel. It counts as much as one such picture.</summary>
    private const double FirstUsPerPixel = 0.01;
    private const double FirstPixels = 1_000_000;

    /// <summary>A small picture takes this long whatever its size.</summary>
    private const double LeastUs = 20;

    /// <summary>A picture of so many pixels makes what was seen before count for a third.</summary>
    private const double MemoryPixels = 4_000_000;

    /// <summary>No machine that serves is slower: a pause during one decode must not stop all that follow.</summary>
    private const double MostUsPerPixel = 0.2;
    private readonly Lock _gate = new();
    private double _us = FirstUsPerPixel * FirstPixels;
    private double _pixels = FirstPixels;
    private double _usPerPixel = FirstUsPerPixel;

    /// <summary>Expected time, microseconds. Takes no lock.</summary>
    public double UsOf(long pixels) => LeastUs + (pixels * Volatile.Read(ref _usPerPixel));

    /// <summary>A picture was decoded.</summary>
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
