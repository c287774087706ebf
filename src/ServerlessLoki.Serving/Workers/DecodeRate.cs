namespace ServerlessLoki.Serving.Workers;

/// <summary>How long pictures take to decode on this machine as it is now, by their pixels. Thread-safe.</summary>
internal sealed class DecodeRate
{
    /// <summary>Before the first was decoded: 10 ms for a megapixel.</summary>
    private const double FirstUsPerPixel = 0.01;

    /// <summary>A small picture takes this long whatever its size.</summary>
    private const double LeastUs = 20;
    private const double Weight = 0.1;
    private readonly Lock _gate = new();
    private double _usPerPixel = FirstUsPerPixel;
    private bool _isMeasured;

    /// <summary>Expected time, microseconds.</summary>
    public double UsOf(long pixels)
    {
        lock (_gate)
            return LeastUs + (pixels * _usPerPixel);
    }

    /// <summary>A picture was decoded.</summary>
    public void Observe(long pixels, double us)
    {
        var seen = Math.Max(0, us - LeastUs) / Math.Max(1, pixels);
        lock (_gate)
        {
            _usPerPixel = _isMeasured ? _usPerPixel + (Weight * (seen - _usPerPixel)) : seen;
            _isMeasured = true;
        }
    }
}
