using System.Numerics;

namespace ServerlessLoki.Serving.Stages;

/// <summary>The smallest rectangle, turned by any angle, around points.</summary>
internal static class MinimumRectangle
{
    /// <summary>Finds it: one of its sides lies along a side of the points' convex hull.</summary>
    /// <param name="points">At least one; sorted by y, then x. Changed.</param>
    /// <returns>Its middle, the direction of its first side, and both sides' lengths.</returns>
    public static (Vector2 Middle, Vector2 Along, float Width, float Height) Of(List<Vector2> points)
    {
        var hull = Hull(points);
        if (hull.Count == 1)
            return (hull[0], Vector2.UnitX, 0, 0);
        var best = (Middle: Vector2.Zero, Along: Vector2.UnitX, Width: 0f, Height: 0f);
        var least = float.PositiveInfinity;
        for (var i = 0; i < hull.Count; i++)
        {
            var along = Vector2.Normalize(hull[(i + 1) % hull.Count] - hull[i]);
            var across = new Vector2(-along.Y, along.X);
            var (from, to) = (new Vector2(float.PositiveInfinity), new Vector2(float.NegativeInfinity));
            foreach (var point in hull)
            {
                var turned = new Vector2(Vector2.Dot(point, along), Vector2.Dot(point, across));
                (from, to) = (Vector2.Min(from, turned), Vector2.Max(to, turned));
            }

            var (size, middle) = (to - from, (from + to) / 2);
            if (size.X * size.Y >= least)
                continue;
            least = size.X * size.Y;
            best = ((along * middle.X) + (across * middle.Y), along, size.X, size.Y);
        }

        return best;
    }

    /// <summary>The convex hull, by Andrew's monotone chain; points on its sides are left out.</summary>
    private static List<Vector2> Hull(List<Vector2> points)
    {
        if (points.Count < 3)
            return points is [var one, var other] && one == other ? [one] : points;
        var hull = new List<Vector2>();
        Chain(points, hull, 0);
        points.Reverse();
        Chain(points, hull, hull.Count - 1);
        hull.RemoveAt(hull.Count - 1);
        return hull;
    }

    private static void Chain(List<Vector2> points, List<Vector2> hull, int start)
    {
        hull.RemoveRange(start, hull.Count - start);
        foreach (var point in points)
        {
            while (hull.Count - start >= 2 && Turn(hull[^2], hull[^1], point) <= 0)
                hull.RemoveAt(hull.Count - 1);
            if (hull.Count == start || hull[^1] != point)
                hull.Add(point);
        }
    }

    private static float Turn(Vector2 a, Vector2 b, Vector2 c) => ((b.X - a.X) * (c.Y - a.Y)) - ((b.Y - a.Y) * (c.X - a.X));
}
