using System.Buffers;
using System.Numerics;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Connected regions of pixels above a threshold, neighbours at corners included. Memory is as large as the map and given back.</summary>
internal static class Regions
{
    /// <summary>Calls back with the ends of each row of each region, in the order of their first pixels: their convex hull is the region's.</summary>
    /// <param name="values">One for each pixel.</param>
    /// <param name="width">Columns.</param>
    /// <param name="threshold">Pixels above it count.</param>
    /// <param name="most">Most regions.</param>
    /// <param name="found">Gets points sorted by y, then x, which it may change.</param>
    public static void Find(ReadOnlySpan<float> values, int width, float threshold, int most, Action<List<Vector2>> found)
    {
        var open = ArrayPool<bool>.Shared.Rent(values.Length);
        var stack = ArrayPool<int>.Shared.Rent(values.Length);
        try
        {
            for (var i = 0; i < values.Length; i++)
                open[i] = values[i] > threshold;
            var rows = new (int From, int To)[values.Length / width];
            Array.Fill(rows, (width, -1));
            var points = new List<Vector2>();
            for (var start = 0; start < values.Length && most > 0; start++)
            {
                if (!open[start])
                    continue;
                most--;
                Flood(open.AsSpan(0, values.Length), stack, width, start, rows);
                points.Clear();
                // The first pixel of a region is in its first row, and no row in between is without one.
                for (var y = start / width; y < rows.Length && rows[y].To >= 0; y++)
                {
                    points.Add(new Vector2(rows[y].From, y));
                    points.Add(new Vector2(rows[y].To, y));
                    rows[y] = (width, -1);
                }

                found(points);
            }
        }
        finally
        {
            ArrayPool<bool>.Shared.Return(open);
            ArrayPool<int>.Shared.Return(stack);
        }
    }

    /// <summary>Closes a region's pixels. Each is on the stack once.</summary>
    private static void Flood(Span<bool> open, int[] stack, int width, int start, (int From, int To)[] rows)
    {
        var count = 0;
        open[start] = false;
        stack[count++] = start;
        while (count > 0)
        {
            var (y, x) = Math.DivRem(stack[--count], width);
            rows[y] = (Math.Min(rows[y].From, x), Math.Max(rows[y].To, x));
            for (var next = Math.Max(0, y - 1); next <= y + 1 && next < open.Length / width; next++)
            {
                for (var beside = Math.Max(0, x - 1); beside <= x + 1 && beside < width; beside++)
                {
                    var at = (next * width) + beside;
                    if (!open[at])
                        continue;
                    open[at] = false;
                    stack[count++] = at;
                }
            }
        }
    }
}
