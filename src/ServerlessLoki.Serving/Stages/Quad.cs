using System.Numerics;
using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Stages;

/// <summary>A quadrilateral: its corners clockwise from the top left one.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Quad(Vector2 TopLeft, Vector2 TopRight, Vector2 BottomRight, Vector2 BottomLeft)
{
    /// <summary>Length of the longer one of upper and lower side.</summary>
    public float Width => Math.Max(Vector2.Distance(TopLeft, TopRight), Vector2.Distance(BottomLeft, BottomRight));

    /// <summary>Length of the longer one of left and right side.</summary>
    public float Height => Math.Max(Vector2.Distance(TopLeft, BottomLeft), Vector2.Distance(TopRight, BottomRight));

    /// <summary>The rectangle around a middle: a side of <paramref name="width"/> along a direction, one of <paramref name="height"/> across.</summary>
    public static Quad Around(Vector2 middle, Vector2 along, float width, float height)
    {
        var (u, v) = (along * (width / 2), new Vector2(-along.Y, along.X) * (height / 2));
        return Ordered(middle - u - v, middle + u - v, middle + u + v, middle - u + v);
    }

    /// <summary>The corners in order, as PaddleOCR has it: of the two that are farthest left the upper one is the first.</summary>
    public static Quad Ordered(params ReadOnlySpan<Vector2> corners)
    {
        Span<Vector2> sorted = [corners[0], corners[1], corners[2], corners[3]];
        sorted.Sort(static (a, b) => a.X != b.X ? a.X.CompareTo(b.X) : a.Y.CompareTo(b.Y));
        var (topLeft, bottomLeft) = sorted[1].Y < sorted[0].Y ? (sorted[1], sorted[0]) : (sorted[0], sorted[1]);
        var (topRight, bottomRight) = sorted[3].Y < sorted[2].Y ? (sorted[3], sorted[2]) : (sorted[2], sorted[3]);
        return new Quad(topLeft, topRight, bottomRight, bottomLeft);
    }

    /// <summary>Where a horizontal line meets it; null where it does not.</summary>
    public (float From, float To)? Across(float y)
    {
        ReadOnlySpan<Vector2> corners = [TopLeft, TopRight, BottomRight, BottomLeft];
        var (from, to) = (float.PositiveInfinity, float.NegativeInfinity);
        for (var i = 0; i < corners.Length; i++)
        {
            var (a, b) = (corners[i], corners[(i + 1) % corners.Length]);
            if (Math.Min(a.Y, b.Y) > y || Math.Max(a.Y, b.Y) < y)
                continue;
            // Of a level side both ends are met.
            var (first, last) = a.Y == b.Y ? (a.X, b.X) : (a.X + ((y - a.Y) / (b.Y - a.Y) * (b.X - a.X)), float.NaN);
            from = Math.Min(from, float.IsNaN(last) ? first : Math.Min(first, last));
            to = Math.Max(to, float.IsNaN(last) ? first : Math.Max(first, last));
        }

        return from <= to ? (from, to) : null;
    }
}
