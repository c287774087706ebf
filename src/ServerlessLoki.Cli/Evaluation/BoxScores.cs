using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Mean average precision as COCO defines it: ten thresholds of the intersection over union, 101 points of recall, at most 100 rows a picture
/// (Lin et al. 2014, Microsoft COCO, and its evaluation code).</summary>
internal sealed class BoxScores
{
    private const int Thresholds = 10;
    private const int MostRows = 100;
    private const int Points = 101;
    private const int Resamples = 200;
    private const ulong Seed = 20260101;
    private readonly Dictionary<string, List<Scored>> _found = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<int>> _truths = new(StringComparer.Ordinal);
    private int _samples;

    /// <summary>Adds a picture.</summary>
    /// <param name="truths">Its objects, with the labels that count.</param>
    /// <param name="rows">What was found, in any order.</param>
    public void Add(IReadOnlyList<TruthBox> truths, IReadOnlyList<(string Label, OutputRow Row)> rows)
    {
        foreach (var truth in truths.Where(static t => !t.IsCrowd))
            Of(_truths, truth.Label).Add(_samples);
        foreach (var group in rows.OrderByDescending(static r => r.Row.Score).Take(MostRows).GroupBy(static r => r.Label, StringComparer.Ordinal))
        {
            var own = truths.Where(t => t.Label == group.Key).OrderBy(static t => t.IsCrowd).ToArray();
            var found = group.Select(static g => g.Row).ToArray();
            var (hits, ignored) = (new ushort[found.Length], new ushort[found.Length]);
            for (var threshold = 0; threshold < Thresholds; threshold++)
                Match(found, own, threshold, hits, ignored);
            Of(_found, group.Key).AddRange(found.Select((r, i) => new Scored(_samples, r.Score, hits[i], ignored[i])));
        }

        _samples++;
    }

    /// <summary>Number of objects that count.</summary>
    public int Objects => _truths.Values.Sum(static t => t.Count);

    /// <summary>Computes the mean over classes at an intersection over union of 0.5, with the interval of 200 bootstrap resamples of the pictures.</summary>
    public Estimate At50()
    {
        var once = Enumerable.Repeat(1, _samples).ToArray();
        var random = new Random((int)Seed);
        var values = Enumerable.Range(0, Resamples).Select(_ =>
        {
            var weights = new int[_samples];
            for (var i = 0; i < _samples; i++)
                weights[random.Next(_samples)]++;
            return Mean(0, weights);
        }).Order().ToArray();
        return new Estimate(Mean(0, once), values[(int)(0.025 * (Resamples - 1))], values[(int)Math.Ceiling(0.975 * (Resamples - 1))]);
    }

    /// <summary>Computes the mean over classes and the thresholds 0.5, 0.55 … 0.95.</summary>
    public double At50To95()
    {
        var once = Enumerable.Repeat(1, _samples).ToArray();
        return Enumerable.Range(0, Thresholds).Average(t => Mean(t, once));
    }

    private double Mean(int threshold, int[] weights)
    {
        var classes = _truths.Select(t => (t.Key, Count: t.Value.Sum(s => weights[s]))).Where(static t => t.Count > 0).ToArray();
        return classes.Length == 0 ? 0 : classes.Average(c => Average(Sorted(c.Key), threshold, weights, c.Count));
    }

    private List<Scored> Sorted(string label)
    {
        var found = Of(_found, label);
        // Sorted already after the first call.
        found.Sort(static (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Sample.CompareTo(b.Sample));
        return found;
    }

    private static double Average(List<Scored> found, int threshold, int[] weights, int truths)
    {
        var curve = new List<(double Recall, double Precision)>();
        long hits = 0, misses = 0;
        foreach (var row in found)
        {
            if ((row.Ignored >> threshold & 1) != 0 || weights[row.Sample] == 0)
                continue;
            if ((row.Hits >> threshold & 1) != 0)
                hits += weights[row.Sample];
            else
                misses += weights[row.Sample];
            curve.Add(((double)hits / truths, (double)hits / (hits + misses)));
        }

        var (sum, best, at) = (0.0, 0.0, curve.Count - 1);
        for (var point = Points - 1; point >= 0; point--)
        {
            for (; at >= 0 && curve[at].Recall >= point / (Points - 1.0); at--)
                best = Math.Max(best, curve[at].Precision);
            sum += best;
        }

        return sum / Points;
    }

    /// <summary>Gives each row, the best score first, the free object that it overlaps most; one that only a crowd fits is ignored.</summary>
    private static void Match(OutputRow[] found, TruthBox[] truths, int threshold, ushort[] hits, ushort[] ignored)
    {
        var taken = new bool[truths.Length];
        for (var i = 0; i < found.Length; i++)
        {
            var (best, least) = (-1, Math.Min(0.5 + (0.05 * threshold), 1 - 1e-10));
            for (var t = 0; t < truths.Length; t++)
            {
                // Crowds stand last: an object that fits comes before them.
                if ((taken[t] && !truths[t].IsCrowd) || (best >= 0 && truths[t].IsCrowd && !truths[best].IsCrowd) || truths[t].Overlap(found[i]) is var overlap && overlap < least)
                    continue;
                (best, least) = (t, truths[t].Overlap(found[i]));
            }

            if (best < 0)
                continue;
            taken[best] = true;
            (truths[best].IsCrowd ? ignored : hits)[i] |= (ushort)(1 << threshold);
        }
    }

    private static List<T> Of<T>(Dictionary<string, List<T>> lists, string label) => lists.TryGetValue(label, out var list) ? list : lists[label] = [];

    private readonly record struct Scored(int Sample, float Score, ushort Hits, ushort Ignored);
}
