namespace ServerlessLoki.Samples.Painting;

/// <summary>
/// A small rasteriser. It draws at <see cref="Samples"/>× resolution and averages down, and remembers which
/// object owns each sample, so that boxes and hidden shares are exact. Only + − × ÷ on doubles: same bits everywhere.
/// </summary>
internal sealed class Canvas(int width, int height)
{
    /// <summary>Samples per pixel and axis.</summary>
    public const int Samples = 2;

    private readonly int _w = width * Samples;
    private readonly int _h = height * Samples;
    private readonly byte[] _rgb = new byte[width * height * Samples * Samples * 3];
    private readonly byte[] _owner = new byte[width * height * Samples * Samples];
    private byte _current;
    private int _left;
    private int _top;
    private int _right;
    private int _bottom;

    /// <summary>Width in pixels.</summary>
    public int Width { get; } = width;

    /// <summary>Height in pixels.</summary>
    public int Height { get; } = height;

    /// <summary>Samples drawn from now on belong to this object; 0 is the background.</summary>
    public void Own(int id)
    {
        _current = (byte)id;
        (_left, _top, _right, _bottom) = (_w, _h, 0, 0);
    }

    /// <summary>Counts the samples that the current object owns, and their extent in pixels.</summary>
    public (int Count, SceneBox Box) Extent()
    {
        var count = 0;
        for (var y = _top; y < _bottom; y++)
        {
            count += _owner.AsSpan((y * _w) + _left, _right - _left).Count(_current);
        }

        const double s = Samples;
        return count == 0 ? (0, default) : (count, new SceneBox(_left / s, _top / s, _right / s, _bottom / s));
    }

    /// <summary>Counts the samples that an object still owns after others were drawn over it.</summary>
    public int Visible(int id) => _owner.AsSpan().Count((byte)id);

    /// <summary>Fills a rectangle given in pixels. Translucent paint (a shadow, a reflection) owns nothing.</summary>
    public void Rect(double x1, double y1, double x2, double y2, Rgb colour, double alpha = 1)
    {
        var yTo = Math.Min(_h, Edge(y2));
        for (var y = Math.Max(0, Edge(y1)); y < yTo; y++)
        {
            Span(y, x1 * Samples, x2 * Samples, colour, alpha);
        }
    }

    /// <summary>Fills the rows between two heights with a vertical colour ramp.</summary>
    public void Ramp(double y1, double y2, Rgb top, Rgb bottom)
    {
        var yTo = Math.Min(_h, Edge(y2));
        for (var y = Math.Max(0, Edge(y1)); y < yTo; y++)
        {
            Span(y, 0, _w, top.Mix(bottom, ((y / (double)Samples) - y1) / (y2 - y1)), 1);
        }
    }

    /// <summary>Fills an axis-parallel ellipse.</summary>
    public void Ellipse(double cx, double cy, double rx, double ry, Rgb colour, double alpha = 1)
    {
        var yTo = Math.Min(_h, Edge(cy + ry));
        for (var y = Math.Max(0, Edge(cy - ry)); y < yTo; y++)
        {
            var t = (((y + 0.5) / Samples) - cy) / ry;
            var half = rx * Math.Sqrt(Math.Max(0, 1 - (t * t)));
            Span(y, (cx - half) * Samples, (cx + half) * Samples, colour, alpha);
        }
    }

    /// <summary>Fills a polygon by the even-odd rule; points are x, y, x, y, … in pixels, at most 32 corners.</summary>
    public void Polygon(ReadOnlySpan<double> points, Rgb colour, double alpha = 1)
    {
        double top = double.MaxValue, bottom = double.MinValue;
        for (var i = 1; i < points.Length; i += 2)
        {
            top = Math.Min(top, points[i]);
            bottom = Math.Max(bottom, points[i]);
        }

        Span<double> crossings = stackalloc double[32];
        var yTo = Math.Min(_h, Edge(bottom));
        for (var y = Math.Max(0, Edge(top)); y < yTo; y++)
        {
            var at = (y + 0.5) / Samples;
            var found = 0;
            for (var i = 0; i < points.Length; i += 2)
            {
                var j = i + 2 == points.Length ? 0 : i + 2;
                if ((points[i + 1] <= at) != (points[j + 1] <= at))
                {
                    crossings[found++] = points[i] + ((at - points[i + 1]) / (points[j + 1] - points[i + 1]) * (points[j] - points[i]));
                }
            }

            crossings[..found].Sort();
            for (var i = 0; i + 1 < found; i += 2)
            {
                Span(y, crossings[i] * Samples, crossings[i + 1] * Samples, colour, alpha);
            }
        }
    }

    /// <summary>Averages the samples into pixels, as channel values 0 … 255 in RGB order.</summary>
    public float[] Resolve()
    {
        var pixels = new float[Width * Height * 3];
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                for (var c = 0; c < 3; c++)
                {
                    var sum = 0;
                    for (var sy = 0; sy < Samples; sy++)
                    {
                        var row = ((((y * Samples) + sy) * _w) + (x * Samples)) * 3;
                        for (var sx = 0; sx < Samples; sx++)
                        {
                            sum += _rgb[row + (sx * 3) + c];
                        }
                    }

                    pixels[(((y * Width) + x) * 3) + c] = sum / (float)(Samples * Samples);
                }
            }
        }

        return pixels;
    }

    // The first sample whose centre lies at or beyond a pixel coordinate.
    private static int Edge(double pixel) => (int)Math.Ceiling((pixel * Samples) - 0.5);

    private void Span(int y, double x1, double x2, Rgb colour, double alpha)
    {
        var from = Math.Max(0, (int)Math.Ceiling(x1 - 0.5));
        var to = Math.Min(_w, (int)Math.Ceiling(x2 - 0.5));
        var a = (int)((alpha * 256) + 0.5);
        var row = y * _w;
        if (a >= 256 && from < to)
        {
            (_left, _right) = (Math.Min(_left, from), Math.Max(_right, to));
            (_top, _bottom) = (Math.Min(_top, y), Math.Max(_bottom, y + 1));
        }

        for (var x = from; x < to; x++)
        {
            var p = (row + x) * 3;
            if (a >= 256)
            {
                _rgb[p] = colour.R;
                _rgb[p + 1] = colour.G;
                _rgb[p + 2] = colour.B;
                _owner[row + x] = _current;
            }
            else
            {
                _rgb[p] = (byte)(_rgb[p] + (((colour.R - _rgb[p]) * a) >> 8));
                _rgb[p + 1] = (byte)(_rgb[p + 1] + (((colour.G - _rgb[p + 1]) * a) >> 8));
                _rgb[p + 2] = (byte)(_rgb[p + 2] + (((colour.B - _rgb[p + 2]) * a) >> 8));
            }
        }
    }
}
