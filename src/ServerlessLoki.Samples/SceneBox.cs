namespace ServerlessLoki.Samples;

/// <summary>An axis-parallel box in scene pixels; right and bottom edges are exclusive.</summary>
public readonly record struct SceneBox(double X1, double Y1, double X2, double Y2)
{
    /// <summary>Width in pixels.</summary>
    public double Width => X2 - X1;

    /// <summary>Height in pixels.</summary>
    public double Height => Y2 - Y1;

    /// <summary>Area in square pixels; 0 for an empty box.</summary>
    public double Area => Math.Max(0, Width) * Math.Max(0, Height);

    /// <summary>Computes the overlap of two boxes in square pixels.</summary>
    public double Intersection(SceneBox other)
    {
        var w = Math.Min(X2, other.X2) - Math.Max(X1, other.X1);
        var h = Math.Min(Y2, other.Y2) - Math.Max(Y1, other.Y1);
        return w <= 0 || h <= 0 ? 0 : w * h;
    }

    /// <summary>Computes the intersection over union, 0..1; 0 when both boxes are empty.</summary>
    public double Iou(SceneBox other)
    {
        var overlap = Intersection(other);
        var union = Area + other.Area - overlap;
        return union <= 0 ? 0 : overlap / union;
    }
}
