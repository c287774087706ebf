namespace ServerlessLoki.Samples.Painting;

/// <summary>Pen that draws in an object's own metres: x to the front, y up from the ground, so that one drawing serves every distance and
/// both directions of travel.</summary>
/// <param name="Canvas">Canvas to draw on.</param>
/// <param name="X">Object's rear (its left when not flipped), in pixels.</param>
/// <param name="Ground">Ground line of the object, in pixels.</param>
/// <param name="Scale">Pixels per metre.</param>
/// <param name="Direction">1 faces right, −1 faces left.</param>
internal readonly record struct Pen(Canvas Canvas, double X, double Ground, double Scale, int Direction)
{
    /// <summary>Fills a polygon; points in metres.</summary>
    public void Shape(Rgb colour, params ReadOnlySpan<double> points) => Glaze(colour, 1, points);

    /// <summary>Fills a polygon with translucent paint.</summary>
    public void Glaze(Rgb colour, double alpha, params ReadOnlySpan<double> points)
    {
        Span<double> mapped = stackalloc double[points.Length];
        for (var i = 0; i < points.Length; i += 2)
        {
            mapped[i] = X + (Direction * points[i] * Scale);
            mapped[i + 1] = Ground - (points[i + 1] * Scale);
        }

        Canvas.Polygon(mapped, colour, alpha);
    }

    /// <summary>Fills a box from corner to corner.</summary>
    public void Box(Rgb colour, double x1, double y1, double x2, double y2, double alpha = 1) =>
        Glaze(colour, alpha, x1, y1, x2, y1, x2, y2, x1, y2);

    /// <summary>Fills an ellipse.</summary>
    public void Disc(Rgb colour, double x, double y, double rx, double ry, double alpha = 1) =>
        Canvas.Ellipse(X + (Direction * x * Scale), Ground - (y * Scale), rx * Scale, ry * Scale, colour, alpha);

    /// <summary>Draws a straight limb of even thickness.</summary>
    public void Limb(Rgb colour, double x1, double y1, double x2, double y2, double thickness)
    {
        var dx = x2 - x1;
        var dy = y2 - y1;
        var length = Math.Sqrt((dx * dx) + (dy * dy));
        var nx = -dy / length * thickness / 2;
        var ny = dx / length * thickness / 2;
        Shape(colour, x1 + nx, y1 + ny, x2 + nx, y2 + ny, x2 - nx, y2 - ny, x1 - nx, y1 - ny);
    }
}
