using System.Numerics;

namespace ServerlessLoki.Serving.Stages;

/// <summary>How much two quadrilaterals overlap. It does not depend on how their axes are scaled.</summary>
internal static class QuadOverlap
{
    private const int Corners = 4;

    /// <summary>Intersection over union of two convex quadrilaterals.</summary>
    /// <param name="a">x and y of its corners, clockwise.</param>
    /// <param name="b">The other one's.</param>
    public static float Of(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        // Each of four cuts adds a corner at most.
        Span<Vector2> left = stackalloc Vector2[2 * Corners];
        Span<Vector2> cut = stackalloc Vector2[2 * Corners];
        for (var i = 0; i < Corners; i++)
            left[i] = At(a, i);
        var (whole, other) = (Area(left[..Corners]), AreaOf(b));
        if (!(whole > 0 && other > 0))
            return 0;
        var count = Corners;
        for (var i = 0; i < Corners && count > 0; i++)
        {
            count = Cut(left[..count], At(b, i), At(b, (i + 1) % Corners), cut);
            cut[..count].CopyTo(left);
        }

        var common = Area(left[..count]);
        return common > 0 ? common / (whole + other - common) : 0;
    }

    /// <summary>What of a polygon lies to the right of a line, which is inside for a clockwise one whose y grows downwards; by Sutherland and Hodgman.</summary>
    private static int Cut(ReadOnlySpan<Vector2> polygon, Vector2 from, Vector2 to, Span<Vector2> cut)
    {
        var count = 0;
        for (var i = 0; i < polygon.Length; i++)
        {
            var (here, next) = (polygon[i], polygon[(i + 1) % polygon.Length]);
            var (side, nextSide) = (Side(from, to, here), Side(from, to, next));
            if (side >= 0 && count < cut.Length)
                cut[count++] = here;
            if (side * nextSide < 0 && count < cut.Length)
                cut[count++] = Vector2.Lerp(here, next, side / (side - nextSide));
        }

        return count;
    }

    private static float Side(Vector2 from, Vector2 to, Vector2 point) => ((to.X - from.X) * (point.Y - from.Y)) - ((to.Y - from.Y) * (point.X - from.X));

    private static float AreaOf(ReadOnlySpan<float> quad)
    {
        Span<Vector2> corners = [At(quad, 0), At(quad, 1), At(quad, 2), At(quad, 3)];
        return Area(corners);
    }

    private static float Area(ReadOnlySpan<Vector2> polygon)
    {
        var twice = 0f;
        for (var i = 0; i < polygon.Length; i++)
            twice += (polygon[i].X * polygon[(i + 1) % polygon.Length].Y) - (polygon[(i + 1) % polygon.Length].X * polygon[i].Y);
        return Math.Abs(twice) / 2;
    }

    private static Vector2 At(ReadOnlySpan<float> quad, int corner) => new(quad[2 * corner], quad[(2 * corner) + 1]);
}
