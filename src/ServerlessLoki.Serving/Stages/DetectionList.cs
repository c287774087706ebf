using System.Numerics;
using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Detections of one row while they are read. The memory is reused from row to row; used by one thread at a time.</summary>
/// <param name="form">Settings for converting numbers to detections.</param>
public sealed class DetectionList(DetectionForm form)
{
    private Candidate[] _found = [];
    private ulong[] _order = [];
    private int _count;

    /// <summary>Least score: detections below it need not be added.</summary>
    public float MinScore => form.MinScore;

    /// <summary>Where the reader finds more about each detection that <see cref="CopyTo"/> left.</summary>
    internal List<int> Places { get; } = [];

    /// <summary>Forgets all.</summary>
    public void Clear() => _count = 0;

    /// <summary>Adds a detection, unless its score is too low, its class has no label or its box is empty.</summary>
    /// <param name="score">Score, 0..1.</param>
    /// <param name="label">Class number.</param>
    /// <param name="a">First number of the box, in the model's form and unit.</param>
    /// <param name="b">Second.</param>
    /// <param name="c">Third.</param>
    /// <param name="d">Fourth.</param>
    /// <param name="place">Where the reader finds more about it.</param>
    /// <returns>False when one of these is no number. Beside a score that is too low the others say nothing.</returns>
    public bool TryAdd(float score, float label, float a, float b, float c, float d, int place = -1)
    {
        if (score < form.MinScore)
            return true;
        if (!float.IsFinite(score + label + a + b + c + d))
            return false;
        if (!(label >= 0 && label < form.Labels))
            return true;
        var (x1, y1, x2, y2) = form.Boxes switch
        {
            BoxForm.Xywh => (a, b, a + c, b + d),
            BoxForm.Cxcywh => (a - (c / 2), b - (d / 2), a + (c / 2), b + (d / 2)),
            BoxForm.Yxyx => (b, a, d, c),
            _ => (a, b, c, d),
        };
        // Overlaps are those of the whole boxes, as the models' own tools compute them; only what is answered is cut at the picture's edge.
        var found = new Candidate((int)label, Math.Min(score, 1), x1 / form.Width, y1 / form.Height, x2 / form.Width, y2 / form.Height, place, null);
        Add(found);
        return true;
    }

    /// <summary>Adds a turned box, in the model's unit: its corners become points.</summary>
    /// <returns>False when one of the numbers is none. Beside a score that is too low the others say nothing.</returns>
    internal bool TryAdd(float score, float label, Quad quad)
    {
        if (score < form.MinScore)
            return true;
        if (!float.IsFinite(score + label + Vector2.Dot(quad.TopLeft + quad.TopRight + quad.BottomRight + quad.BottomLeft, Vector2.One)))
            return false;
        if (!(label >= 0 && label < form.Labels))
            return true;
        ReadOnlySpan<Vector2> corners = [quad.TopLeft, quad.TopRight, quad.BottomRight, quad.BottomLeft];
        var (values, from, to) = (new float[2 * corners.Length], Vector2.One, Vector2.Zero);
        for (var i = 0; i < corners.Length; i++)
        {
            // Like an upright box's: overlaps are those of the whole boxes.
            var corner = corners[i] / new Vector2(form.Width, form.Height);
            (values[2 * i], values[(2 * i) + 1]) = (corner.X, corner.Y);
            (from, to) = (Vector2.Min(from, corner), Vector2.Max(to, corner));
        }

        Add(new Candidate((int)label, Math.Min(score, 1), from.X, from.Y, to.X, to.Y, -1, new RowPoints([.. values], 2) { AreCorners = true }));
        return true;
    }

    private void Add(in Candidate found)
    {
        if (found.IsEmpty)
            return;
        if (_count == _found.Length)
            Array.Resize(ref _found, Math.Max(64, 2 * _count));
        _found[_count++] = found;
    }

    /// <summary>Copies the remaining detections: in the order of adding, or the best first where boxes suppress each other or there are
    /// more than the limit.</summary>
    /// <param name="rows">Receives the detections; cleared first.</param>
    public void CopyTo(List<OutputRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        rows.Clear();
        Places.Clear();
        if (form.Nms is null && _count <= form.MaxDetections)
        {
            foreach (ref readonly var found in _found.AsSpan(0, _count))
            {
                rows.Add(found.Row);
                Places.Add(found.Place);
            }

            return;
        }

        var order = Sorted();
        var kept = 0;
        foreach (var key in order)
        {
            ref readonly var next = ref _found[(int)(uint)key];
            if (form.Nms is { } most && IsDropped(next, order[..kept], most))
                continue;
            // What was read of the order is not needed again: its beginning holds what is kept.
            order[kept++] = key;
            rows.Add(next.Row);
            Places.Add(next.Place);
            if (kept == form.MaxDetections)
                break;
        }
    }

    private bool IsDropped(in Candidate next, ReadOnlySpan<ulong> kept, float most)
    {
        foreach (var key in kept)
        {
            ref readonly var other = ref _found[(int)(uint)key];
            if ((form.IsNmsOverAll || other.Label == next.Label) && next.Overlap(other) > most)
                return true;
        }

        return false;
    }

    /// <summary>Sorts positions by falling score, of equal scores the earlier first: the bits of a non-negative float sort like its
    /// value.</summary>
    private Span<ulong> Sorted()
    {
        if (_order.Length < _count)
            _order = new ulong[_found.Length];
        var order = _order.AsSpan(0, _count);
        for (var i = 0; i < order.Length; i++)
            order[i] = ((ulong)~BitConverter.SingleToUInt32Bits(Math.Max(_found[i].Score, 0f)) << 32) | (uint)i;
        order.Sort();
        return order;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Candidate(int Label, float Score, float X1, float Y1, float X2, float Y2, int Place, RowPoints? Points)
    {
        public OutputRow Row => new(Label, Score, Cut(X1), Cut(Y1), Cut(X2), Cut(Y2)) { Points = Points?.Within01() };

        /// <summary>True where no part of the box is inside the image.</summary>
        public bool IsEmpty => !(Cut(X2) > Cut(X1) && Cut(Y2) > Cut(Y1));

        /// <summary>Computes the intersection over union.</summary>
        public float Overlap(in Candidate other)
        {
            var width = Math.Min(X2, other.X2) - Math.Max(X1, other.X1);
            var height = Math.Min(Y2, other.Y2) - Math.Max(Y1, other.Y1);
            if (!(width > 0 && height > 0))
                return 0;
            if (Points is { AreCorners: true } mine && other.Points is { AreCorners: true } others)
                return QuadOverlap.Of(mine.Values.AsSpan(), others.Values.AsSpan());
            var common = width * height;
            return common / (Area + other.Area - common);
        }

        private float Area => (X2 - X1) * (Y2 - Y1);

        private static float Cut(float value) => Math.Clamp(value, 0, 1);
    }
}
